import type { CheckedRecord } from './record.ts'

/** What Kafka's console consumer must be told to print for {@link readConsoleLine}. */
export const PRINTED = ['print.partition', 'print.offset', 'print.headers', 'print.key'] as const

export interface ConsoleLine {
  readonly partition: number
  readonly offset: number
  readonly headers: string
  readonly key: string
  readonly value: string
}

/** A line of Kafka's console consumer. Throws for one of another form. */
export function readConsoleLine(line: string): ConsoleLine {
  const [, partition, offset, headers = '', key = '', value = ''] =
    /^Partition:(\d+)\tOffset:(\d+)\t([^\t]*)\t([^\t]*)\t(.*)$/s.exec(line) ?? []
  if (partition === undefined) throw new Error(`no line of the console consumer: ${line.slice(0, 100)}`)
  return { partition: Number(partition), offset: Number(offset), headers, key, value }
}

/** The record in a line. Throws where it is none of this application's. */
export function recordOf({ partition, offset, headers, key, value }: ConsoleLine): CheckedRecord {
  const seq = Number(/"seq":(\d+)/.exec(value)?.[1])
  if (!(seq >= 0)) throw new Error(`the record at offset ${offset} of partition ${partition} has no seq`)
  const term = /(?:^|,)DromedaryClusterTerm:(\d+)(?:,|$)/.exec(headers)?.[1]
  return { partition, offset, key, seq, term: term === undefined ? undefined : BigInt(term) }
}
