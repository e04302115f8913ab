import { isDromedaryError, type Logger, maskSecrets, messageOf, type SourcePlace } from '@dromedary/core'
import { frameOf } from './place.ts'

/** Says what is wrong, where, and the lines around that place. */
export function reportError(log: Logger, error: unknown, place: SourcePlace | undefined, consequence: string): void {
  const what = isDromedaryError(error) ? `${error.code}: ${messageOf(error)}` : `${nameOf(error)}${messageOf(error)}`
  if (place === undefined) {
    // Of the user's own mistakes the message says where they are. Anything else is found by its stack.
    log.error(`${what}; ${consequence}`, isDromedaryError(error) ? {} : { error })
    return
  }
  const { file, line, column } = place
  const frame = frameOf(place).map(row => maskSecrets(row))
  const shown = new Error(messageOf(error))
  shown.name = 'CodeFrame'
  shown.stack = frame.join('\n')
  log.error(`${file}:${line}:${column}: ${what}; ${consequence}`, frame.length > 0 ? { error: shown } : {})
}

const nameOf = (error: unknown): string => (error instanceof Error ? `${error.name}: ` : '')
