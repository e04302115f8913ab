import { isDromedaryError, type Logger, messageOf, type SourcePlace } from '@dromedary/core'
import { frameOf, maskCode } from './code-frame.ts'
import { ModuleGraph } from './module-graph.ts'

/** Says what is wrong, where, and the lines around that place. */
export function reportError(log: Logger, error: unknown, place: SourcePlace | undefined, consequence: string): void {
  const message = text(messageOf(error))
  const what = `${isDromedaryError(error) ? `${error.code}: ` : nameOf(error)}${message}`
  if (place === undefined) {
    // Of the user's own mistakes the message says where they are. Anything else is found by its stack.
    log.error(`${what}; ${consequence}`, isDromedaryError(error) ? {} : { error: readable(error) })
    return
  }
  const { file, line, column } = place
  const frame = frameOf(place)
  const shown = withStack(message, 'CodeFrame', frame.join('\n'))
  log.error(`${file}:${line}:${column}: ${what}; ${consequence}`, frame.length > 0 ? { error: shown } : {})
}

/**
 * An error as a developer reads it: plain URLs in its stack, and no secret in its message. Of the user's own mistakes the
 * log prints no stack.
 */
export function readable(error: unknown): unknown {
  if (typeof error === 'string') return text(error)
  if (!(error instanceof Error) || isDromedaryError(error)) return error
  try {
    const { message, name, stack, cause } = error
    return withStack(text(message), name, text(stack ?? message), cause === undefined ? undefined : readable(cause))
  } catch {
    // It throws when it is looked at, or is its own cause: the log knows how to take that.
    return error
  }
}

/** V8 quotes some of a JSON file around a mistake, and may cut off the key of a secret. */
const QUOTED = /, (?:\.{3})?"[\s\S]*"(?:\.{3})? is not valid JSON/g

const text = (of: string): string => maskCode(ModuleGraph.plain(of).replaceAll(QUOTED, ' is not valid in JSON'))

function withStack(message: string, name: string, stack: string, cause?: unknown): Error {
  const error = new Error(message, cause === undefined ? {} : { cause })
  error.name = name
  error.stack = stack
  return error
}

const nameOf = (error: unknown): string => (error instanceof Error ? `${error.name}: ` : '')
