import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../testing/src/fake-clock.ts'
import type { ClusterService } from '../src/cluster.ts'
import { defineComponent } from '../src/component.ts'
import { createContext, from } from '../src/index.ts'
import { keepingSink } from './support/log.ts'

describe('a stop always ends', () => {
  it.each([
    'a start deaf to its signal',
    'a close that hangs',
    'a producer that does not close',
    'a cluster service that hangs',
  ])('although there is %s', async what => {
    const clock = new FakeClock()
    const log = keepingSink()
    const stuck = new Promise<never>(() => {})
    const component = defineComponent({
      scheme: 'stuck',
      title: 'Does not end.',
      syntax: 'name',
      path: { name: 'Name.' },
      consumes: true,
      produces: true,
      endpoint: ({ uri }) => ({
        uri,
        consumer: () => ({
          start: () => (what.startsWith('a start') ? stuck : undefined),
          quiesce: () => {},
          close: () => (what.startsWith('a close') ? stuck : undefined),
        }),
        producer: () => ({
          external: false,
          send: () => {},
          close: () => (what.startsWith('a producer') ? stuck : undefined),
        }),
      }),
    })
    const cluster = { start: async () => {}, stop: () => stuck } as unknown as ClusterService
    const context = createContext({
      clock,
      log,
      components: [component],
      routes: [from('stuck:a').to('stuck:b')],
      ...(what.startsWith('a cluster') && { cluster }),
    })
    const starting = context.start().catch(() => {})
    await clock.advance(1)
    const stopping = expect(context.stop()).rejects.toMatchObject({ code: 'DROMEDARY_SHUTDOWN_TIMEOUT' })
    await clock.advance(60_000)
    await stopping
    void starting
    expect(context.status).toBe('stopped')
    expect(log.messages.at(-1)).toMatch(/waits no longer for/)
  })
})
