import { kafkaTool, kafkaToolLines } from '@dromedary/test-servers/kafka'
import { type ConsoleLine, PRINTED, readConsoleLine } from './check/console-line.ts'

/** How long nothing may come before there is nothing more, ms; the start of the reader included. */
const QUIET = 10_000

/**
 * Reads what was committed to a topic up to now, with Kafka's own console consumer: a reader that shares nothing with what
 * wrote. Those of a partition come in their order. Resolves when it has passed what was there when it was called, also while
 * more is written.
 */
export async function readTopic(brokers: string, topic: string, take: (line: ConsoleLine) => void): Promise<void> {
  const to = ['--bootstrap-server', brokers, '--topic', topic]
  const ends = await endsOf(to)
  if (ends.size === 0) return
  const options = ['--from-beginning', '--isolation-level', 'read_committed', '--timeout-ms', String(QUIET)]
  const printed = PRINTED.flatMap(name => ['--formatter-property', `${name}=true`])
  await kafkaToolLines('kafka-console-consumer', [...to, ...options, ...printed], text => {
    const line = readConsoleLine(text)
    take(line)
    // The last before the end may be the mark of a transaction, which is no record: then the next one tells.
    if (line.offset + 1 >= (ends.get(line.partition) ?? 0)) ends.delete(line.partition)
    return ends.size > 0
  })
}

/** Where each partition that is not empty ends. A topic that is not there has none. */
async function endsOf(to: readonly string[]): Promise<Map<number, number>> {
  const text = await kafkaTool('kafka-get-offsets', to).catch((error: Error) => {
    if (error.message.includes('Could not match any topic-partitions')) return ''
    throw error
  })
  const ends = new Map<number, number>()
  for (const [, partition, offset] of text.matchAll(/:(\d+):(\d+)$/gm)) {
    if (offset !== '0') ends.set(Number(partition), Number(offset))
  }
  return ends
}
