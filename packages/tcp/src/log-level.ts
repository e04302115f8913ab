import type { Logger, LogLevel } from '@dromedary/core/component'

/** A level as options have it. */
export type LevelOption = 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'OFF'

/** Logs at the level of an option; with OFF nothing. */
export function logAt(log: Logger, level: LevelOption, line: string, error?: unknown): void {
  if (level !== 'OFF') log.log(level.toLowerCase() as LogLevel, line, error === undefined ? {} : { error })
}
