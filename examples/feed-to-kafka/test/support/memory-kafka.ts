import type { Exchange } from '@dromedary/core'
import { defineComponent, flag } from '@dromedary/core/component'
import { z } from 'zod'

/** What a route has written to a topic. */
export interface Written {
  readonly topic: string
  readonly key: unknown
  readonly value: unknown
  readonly term: unknown
}

/** In the place of `kafka:` in routes that are looked at without a broker: topics and positions in memory. */
export function memoryKafka() {
  const written: Written[] = []
  const kept = { position: undefined as unknown, topic: undefined as string | undefined }
  const component = defineComponent({
    scheme: 'kafka',
    title: 'Topics in memory.',
    syntax: 'topic',
    path: { topic: 'Name of the topic.' },
    options: () => z.object({ transacted: flag().default(false).describe('All of them are, here.') }),
    consumes: false,
    produces: true,
    endpoint: ({ uri, path: { topic }, options: { transacted } }) => ({
      uri,
      producer: () => ({
        external: true,
        send(exchange: Exchange) {
          if (!transacted) throw new Error(`${uri} is not transacted`)
          const { message } = exchange
          const key = message.header('CamelKafkaKey')
          written.push({ topic, key, value: message.body, term: exchange.getProperty('DromedaryClusterTerm') })
        },
      }),
      resumeStrategy: () => ({
        load: async () => kept.position,
        update(_: Exchange, position: unknown) {
          Object.assign(kept, { position, topic })
        },
      }),
    }),
  })
  return { component, written, kept }
}
