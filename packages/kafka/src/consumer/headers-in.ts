import type { Message } from '@dromedary/core/component'
import type { FetchedRecord } from '../client/port.ts'

/** What begins like this would steer the engine or a component; from outside it does not come in. */
const CONTROL = /^(?:camel|org\.apache\.camel|dromedary)/i

/** Names of the headers that Camel sets on what it reads. */
export const IN = {
  topic: 'CamelKafkaTopic',
  partition: 'CamelKafkaPartition',
  offset: 'CamelKafkaOffset',
  timestamp: 'CamelKafkaTimestamp',
  key: 'CamelKafkaKey',
  headers: 'CamelKafkaHeaders',
  manualCommit: 'CamelKafkaManualCommit',
  lastRecordBeforeCommit: 'CamelKafkaLastRecordBeforeCommit',
  lastPollRecord: 'CamelKafkaLastPollRecord',
} as const

/** Names recur: whether one passes is worked out once, for as long as there are few of them. */
const MAX_NAMES = 1_000
const passing = new Map<string, boolean>()

/** Sets the headers of a record, but for control headers; where there are several of one name the last one counts. */
export function headersIn(message: Message, record: FetchedRecord, asText: boolean): void {
  for (const [name, value] of record.headers) {
    if (name === null) continue
    const text = name.toString()
    if (!passes(text)) continue
    message.setHeader(text, asText && value !== null ? value.toString() : value)
  }
}

function passes(name: string): boolean {
  const known = passing.get(name)
  if (known !== undefined) return known
  const isPassing = !CONTROL.test(name)
  if (passing.size < MAX_NAMES) passing.set(name, isPassing)
  return isPassing
}
