import type { ServerSource } from './source.ts'
import { kafkaTool } from './tool.ts'

/** What to read of a topic. */
export interface ReadOptions {
  /** Ends when there were so many. Default: when nothing came for `quiet` milliseconds. */
  readonly count?: number
  /** Default 5,000, or 30,000 with a `count`. It includes the time that the reader takes to start. */
  readonly quiet?: number
  /** Default true: nothing of transactions that are open or were aborted. */
  readonly committed?: boolean
  /** Default: all partitions. */
  readonly partition?: number
  /** Prints the key and a tab before each value. Default false. */
  readonly keys?: boolean
}

const QUIET = 5_000
const QUIET_WITH_COUNT = 30_000

/** Writes values without line breaks, one by one and in order, with the acknowledgement of all replicas. */
export async function writeValues(
  brokers: string,
  topic: string,
  values: readonly string[],
  source: ServerSource,
): Promise<void> {
  const args = ['--bootstrap-server', brokers, '--topic', topic, '--command-property', 'acks=all']
  await kafkaTool('kafka-console-producer', args, { input: values.map(one => `${one}\n`).join(''), source })
}

/** Reads the values of a topic from its beginning, as lines. */
export async function readValues(
  brokers: string,
  topic: string,
  source: ServerSource,
  options: ReadOptions = {},
): Promise<string[]> {
  const { count, committed = true, partition, keys = false } = options
  const { quiet = count === undefined ? QUIET : QUIET_WITH_COUNT } = options
  const args = ['--bootstrap-server', brokers, '--topic', topic, '--from-beginning', '--timeout-ms', String(quiet)]
  args.push('--isolation-level', committed ? 'read_committed' : 'read_uncommitted')
  if (count !== undefined) args.push('--max-messages', String(count))
  if (partition !== undefined) args.push('--partition', String(partition))
  if (keys) args.push('--formatter-property', 'print.key=true')
  const text = await kafkaTool('kafka-console-consumer', args, { source })
  return text.split('\n').slice(0, -1)
}
