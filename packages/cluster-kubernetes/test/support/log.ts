import type { LogLevel, LogRecord, LogSink } from '@dromedary/core'

/** Keeps what was logged. */
export class Log implements LogSink {
  readonly records: LogRecord[] = []

  isEnabled(): boolean {
    return true
  }

  write(record: LogRecord): void {
    this.records.push(record)
  }

  /** Messages that match, of one level or of all but debug. */
  matching(pattern: RegExp, level?: LogLevel): string[] {
    return this.records
      .filter(one => (level === undefined ? one.level !== 'debug' : one.level === level) && pattern.test(one.message))
      .map(({ message }) => message)
  }
}
