import { type Clock, isDromedaryError, type LogSink } from '@dromedary/core'
import { type Levels, levelFilter } from './levels.ts'
import type { LineOutput } from './output.ts'

/**
 * pino's JSON lines, handed to the kernel one by one: level, time, pid, hostname, category, context, origin, the
 * record's fields, `code` and `err` of an error, msg. pino is loaded when this is called, not before.
 */
export async function createJsonSink(output: LineOutput, levels: Levels, clock: Clock): Promise<LogSink> {
  const { pino } = await import('pino')
  const logger = pino({ level: 'trace', timestamp: () => `,"time":${clock.now()}` }, output)
  return {
    isEnabled: levelFilter(levels),
    write({ level, category, message, context, origin, error, fields }) {
      const line = { ...withoutPinosOwn(fields), category, context, origin, ...errorFields(error) }
      if (message === '' && error instanceof Error) logger[level](line, error.message)
      else logger[level](line, message)
    },
  }
}

/** A user's mistake has a code and needs no stack; anything unexpected has one. */
function errorFields(error: unknown): object {
  if (error === undefined) return {}
  return isDromedaryError(error) ? { code: error.code, reason: error.message } : { err: error }
}

/** A field that has the name of one of pino's own would make a line with two of them. */
function withoutPinosOwn(fields: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> {
  const { level, time, pid, hostname, msg, ...rest } = fields ?? {}
  const renamed = Object.entries({ level, time, pid, hostname, msg }).filter(([, value]) => value !== undefined)
  return { ...rest, ...Object.fromEntries(renamed.map(([name, value]) => [`field.${name}`, value])) }
}
