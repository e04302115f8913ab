import { kafkaTool, kafkaToolLines } from '@dromedary/test-servers/kafka'
import { type ConsoleLine, PRINTED, readConsoleLine } from './check/console-line.ts'

/** How long nothing may come before there is nothing more, ms; the start of the reader included. */
const QUIET = 10_000
/**
 * The last before the end of a partition is the mark of a transaction, which is no record. If it is one, it comes within
 * this time after the one before it, ms.
 */
const MOMENT = 500

/**
 * Reads what was committed to a topic up to now, with Kafka's own console consumer: a reader that shares nothing with what
 * wrote. Those of a partition come in their order. Resolves when it has passed what was there when it was called, also while
 * more is written.
 */
export async function readTopic(brokers: string, topic: string, onRecord: (line: ConsoleLine) => void): Promise<void> {
  const to = ['--bootstrap-server', brokers, '--topic', topic]
  const ends = await endsOf(to)
  if (ends.size === 0) return
  const options = ['--from-beginning', '--isolation-level', 'read_committed', '--timeout-ms', String(QUIET)]
  const printed = PRINTED.flatMap(name => ['--formatter-property', `${name}=true`])
  const enough = new AbortController()
  const take = (text: string) => {
    const line = readConsoleLine(text)
    onRecord(line)
    if (line.offset >= (ends.get(line.partition) ?? 0) - 2) ends.delete(line.partition)
    if (ends.size === 0) setTimeout(() => enough.abort(), MOMENT).unref()
    return true
  }
  await kafkaToolLines('kafka-console-consumer', [...to, ...options, ...printed], take, { signal: enough.signal })
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
