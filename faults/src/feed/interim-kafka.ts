// INTERIM: until the component itself takes transacted=true.
import { type Component, defineComponent, flag } from '@dromedary/core/component'
import { z } from 'zod'

const inside = (file: string): Promise<any> => import(new URL(file, import.meta.resolve('@dromedary/kafka')).href)
export async function interimKafka(): Promise<Component> {
  const { Sessions } = await inside('./session/sessions.ts')
  const { PlatformaticTransactions } = await inside('./client/platformatic/transactions.ts')
  const { baseOptions } = await inside('./client/platformatic/base-options.ts')
  const { openPlatformatic } = await inside('./client/platformatic/index.ts')
  const { kafkaResumeStrategy } = await inside('./session/resume-strategy.ts')
  const { transactedProducer } = await inside('./session/transacted-producer.ts')
  const { recordMaker } = await inside('./producer/records.ts')
  return defineComponent({
    scheme: 'kafka',
    title: 'x',
    syntax: 'topic',
    path: { topic: 't' },
    options: () => z.object({ transacted: flag().default(false), fences: z.string().optional() }),
    consumes: false,
    produces: true,
    endpoint: (at: any) => {
      const { context } = at.init
      const connection = {
        brokers: context.property('kafka.brokers').split(','),
        clientId: 'm',
        metadataMaxAgeMs: 5000,
        requestTimeoutMs: 3000,
        retryBackoffMs: 50,
        retryBackoffMaxMs: 500,
        tls: undefined,
        sasl: undefined,
      }
      const sessions = at.init.once(
        'sessions',
        () =>
          new Sessions({
            context,
            transactions: new PlatformaticTransactions(() => baseOptions(connection, context.clock), {
              transactionTimeout: 10000,
            }),
            reader: async () => (await openPlatformatic(connection, context.clock)).reader(),
            scope: context.property('cluster.scope'),
            positions: 'dromedary-positions',
            transactionInterval: 100,
            giveUpAfter: 30000,
          }),
      )
      const toRecords = recordMaker({
        topic: at.path.topic,
        uri: at.uri,
        key: undefined,
        partitionKey: undefined,
        useIterator: true,
        batchWithIndividualHeaders: false,
        maxRequestSize: 1048576,
      })
      return {
        uri: at.uri,
        producer: () => {
          const p = transactedProducer(sessions, { topic: at.path.topic, toRecords })
          return p
        },
        resumeStrategy: (id: string) => kafkaResumeStrategy(sessions, id, at.path.topic),
      }
    },
  } as any) as any
}
