export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** One line of the log, before it has a form. */
export interface LogRecord {
  readonly level: LogLevel
  /** Who logs: the route id for the `log` step, a package's short name for Dromedary itself. */
  readonly category: string
  readonly message: string
  /** Name of the context. */
  readonly context?: string
  /** The endpoint at work, in normal form without its query: `timer://clustered`. */
  readonly origin?: string
  /** What went wrong. Sinks print a stack trace only for errors that are not a {@link DromedaryError}. */
  readonly error?: unknown
  /** For machines: sinks that write text leave them out. */
  readonly fields?: Readonly<Record<string, unknown>>
}

/** Where log lines go. `@dromedary/main` has a text and a JSON one; anything that takes a record will do. */
export interface LogSink {
  isEnabled(level: LogLevel, category: string): boolean
  /** Must not throw. */
  write(record: LogRecord): void
}

export interface LogDetails {
  readonly error?: unknown
  readonly fields?: Readonly<Record<string, unknown>>
}

/** What a component logs with. */
export interface Logger {
  isEnabled(level: LogLevel): boolean
  log(level: LogLevel, message: string, details?: LogDetails): void
  trace(message: string, details?: LogDetails): void
  debug(message: string, details?: LogDetails): void
  info(message: string, details?: LogDetails): void
  warn(message: string, details?: LogDetails): void
  error(message: string, details?: LogDetails): void
}

/** A logger bound to its category and place. */
export function createLogger(
  sink: LogSink,
  category: string,
  place: { readonly context?: string; readonly origin?: string } = {},
): Logger {
  // A sink must not throw. One that does (its disk is full) costs lines, never a route or a leadership.
  const isEnabled = (level: LogLevel) => {
    try {
      return sink.isEnabled(level, category)
    } catch {
      return false
    }
  }
  const log = (level: LogLevel, message: string, details?: LogDetails) => {
    if (!isEnabled(level)) return
    try {
      sink.write({ level, category, message, ...place, ...details })
    } catch {
      // There is nowhere left to say so.
    }
  }
  return {
    isEnabled,
    log,
    trace: (message, details) => log('trace', message, details),
    debug: (message, details) => log('debug', message, details),
    info: (message, details) => log('info', message, details),
    warn: (message, details) => log('warn', message, details),
    error: (message, details) => log('error', message, details),
  }
}

/** Swallows everything. */
export const silentSink: LogSink = { isEnabled: () => false, write: () => {} }
