import { z } from 'zod'
import { defineComponent } from '../../component/define-component.ts'
import { duration, flag } from '../../component/options.ts'
import { DirectLines } from './direct-lines.ts'

/** `direct:name`: calls another route of the same context, within the caller's own call. */
export const direct = defineComponent({
  scheme: 'direct',
  title: 'Calls another route of the same context, synchronously.',
  syntax: 'name',
  path: { name: 'Name of the endpoint; one route consumes from it.' },
  options: () =>
    z.object({
      block: flag().default(true).describe('Whether a send waits for a route that is stopped or suspended.'),
      timeout: duration().default(30_000).describe('How long it waits.'),
      failIfNoConsumers: flag()
        .default(true)
        .describe('Whether a send without a route fails; else it is skipped and the caller goes on.'),
    }),
  consumes: true,
  produces: true,
  endpoint({ path, options, uri, init }) {
    const line = init.once('lines', () => new DirectLines()).line(path.name)
    return {
      uri,
      consumer: entry => line.consumer(entry),
      producer: () => line.producer({ ...options, clock: init.context.clock }),
    }
  },
})
