import { Kafka, logLevel } from 'kafkajs'
import { Arrivals } from './arrivals.ts'
import { program, serve } from './serve.ts'

/** What `consume.ts` does, with kafkajs: message by message, its own defaults. */
await program(async ([brokers = '', topic = '']) => {
  const client = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING })
  const read = async (messages: number, groupId: string) => {
    const arrivals = new Arrivals(messages)
    arrivals.start()
    const consumer = client.consumer({ groupId })
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    await consumer.run({ eachMessage: async () => arrivals.add() })
    const line = await arrivals.line
    await consumer.disconnect()
    return line
  }
  await serve(
    `node ${process.version}`,
    ([, messages, group = '']) => read(Number(messages), group),
    async () => {},
  )
})
