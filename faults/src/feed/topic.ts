import { setTimeout as wait } from 'node:timers/promises'
import { type KafkaServer, kafkaToolLines } from '@dromedary/test-servers/kafka'
import { type ConsoleLine, PRINTED, readConsoleLine } from 'feed-to-kafka/check'

/** How long nothing may come before there is nothing more, ms; the start of the reader included. */
const QUIET_MS = 10_000

/** How long a transaction may take to end that is committed already, or that nobody goes on with. */
const OPEN_MS = 90_000
const LOOK_MS = 20

/** What follows the last record where the last transaction was committed: its mark. */
const MARK = 1

/**
 * Reads what was committed to a topic, with Kafka's own console consumer: a reader that shares nothing with what wrote.
 * Nobody may write meanwhile.
 */
export async function readCommitted(
  broker: KafkaServer,
  topic: string,
  partitions: number,
  take: (line: ConsoleLine) => void,
): Promise<void> {
  const ends = new Map<number, number>()
  for (let partition = 0; partition < partitions; partition++) {
    const end = await closedEnd(broker, topic, partition)
    if (end > 0) ends.set(partition, end)
  }
  if (ends.size === 0) return
  const to = ['--bootstrap-server', broker.brokers, '--topic', topic]
  const options = ['--from-beginning', '--isolation-level', 'read_committed', '--timeout-ms', String(QUIET_MS)]
  const printed = PRINTED.flatMap(name => ['--formatter-property', `${name}=true`])
  await kafkaToolLines(
    'kafka-console-consumer',
    [...to, ...options, ...printed],
    text => {
      const line = readConsoleLine(text)
      take(line)
      if (line.offset + MARK + 1 >= (ends.get(line.partition) ?? 0)) ends.delete(line.partition)
      return ends.size > 0
    },
    { source: broker.info.tools },
  )
}

/** The broker marks what is committed a moment after it has said so: waits until nothing is open any more. */
async function closedEnd(broker: KafkaServer, topic: string, partition: number): Promise<number> {
  for (const start = performance.now(); performance.now() - start < OPEN_MS; await wait(LOOK_MS)) {
    const stable = await broker.endOffset(topic, { partition })
    if (stable === (await broker.endOffset(topic, { partition, committed: false }))) return stable
  }
  throw new Error(`a transaction in ${topic}-${partition} was open for ${OPEN_MS} ms`)
}
