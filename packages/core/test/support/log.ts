import type { LogRecord, LogSink } from '../../src/logger.ts'

/** A sink that keeps everything. */
export function keepingSink(): LogSink & { readonly records: LogRecord[]; readonly messages: string[] } {
  const records: LogRecord[] = []
  return {
    records,
    get messages() {
      return records.map(record => `${record.level} ${record.category}: ${record.message}`)
    },
    isEnabled: () => true,
    write: record => void records.push(record),
  }
}
