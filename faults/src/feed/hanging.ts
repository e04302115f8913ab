import { type KafkaServer, kafkaTool } from '@dromedary/test-servers/kafka'

/** A partition on which a transaction began that nobody will end. */
export interface Hanging {
  readonly topic: string
  readonly partition: string
  readonly startOffset: string
  /** By us. Otherwise it had come to its end by the time that the tool, which takes seconds, was ready to. */
  readonly aborted: boolean
}

/** The tool takes none for hanging that is younger, minutes. */
export const HANGING_MINUTES = 1

/**
 * Ends what the broker itself has left open, as its operator would, and says what that was: none where an open transaction
 * still has somebody who may end it.
 *
 * A broker that is told to stop may note that a transaction is complete and write its end to no partition, since by then no
 * partition has a leader (seen with Kafka 4.4: PrepareCommit and CompleteCommit 18 ms apart, no marker anywhere). One that was
 * frozen for longer than its session with the controller does so, too, when it has no other beside it. Readers
 * of what is committed then wait for ever, and no producer can help: the coordinator knows of nothing that is open.
 *
 * The topic that is named comes last: it holds the positions, and whoever leads goes on as soon as they are to be read, if
 * only to wait where something is still open: what is would be committed with the first transaction of the same producer,
 * twice, since what it holds is written again.
 */
export async function endHanging({ brokers }: KafkaServer, last: string): Promise<Hanging[]> {
  const at = ['--bootstrap-server', brokers]
  const only = ['--broker-id', '1', '--max-transaction-timeout', String(HANGING_MINUTES)]
  const said = await kafkaTool('kafka-transactions', [...at, 'find-hanging', ...only])
  const found = inOrder(hangingIn(said), last)
  const ended: Hanging[] = []
  for (const one of found) {
    const where = ['--topic', one.topic, '--partition', one.partition, '--start-offset', one.startOffset]
    ended.push({ ...one, aborted: await aborted([...at, 'abort', ...where]) })
  }
  return ended
}

/** Those of one topic come last, whatever the order in which the tool found them. */
export function inOrder<T extends { readonly topic: string }>(found: readonly T[], last: string): T[] {
  return [...found.filter(({ topic }) => topic !== last), ...found.filter(({ topic }) => topic === last)]
}

/** False if there is nothing open any more. */
async function aborted(args: readonly string[]): Promise<boolean> {
  try {
    await kafkaTool('kafka-transactions', args)
    return true
  } catch (error) {
    if (String(error).includes('Could not find any open transactions')) return false
    throw error
  }
}

/** Reads the table that the tool prints. */
function hangingIn(table: string): Omit<Hanging, 'aborted'>[] {
  const [head = '', ...rows] = table.split('\n').filter(line => line.includes('\t'))
  const names = cellsOf(head)
  return rows.map(row => {
    const cells = cellsOf(row)
    const cell = (name: string) => cells[names.indexOf(name)] ?? ''
    return { topic: cell('Topic'), partition: cell('Partition'), startOffset: cell('StartOffset') }
  })
}

const cellsOf = (line: string): string[] => line.split('\t').map(cell => cell.trim())
