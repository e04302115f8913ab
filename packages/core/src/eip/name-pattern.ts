import { DromedaryError, messageOf } from '../errors.ts'

/**
 * Camel's pattern for names, tried in this order without regard to case: the exact name, `prefix*`, a regular
 * expression that must match the whole name. Throws `DROMEDARY_INVALID_OPTION` for a broken one.
 */
export function namePattern(pattern: string): (name: string) => boolean {
  const exact = pattern.toLowerCase()
  if (pattern === '*') return () => true
  if (pattern.endsWith('*') && /^[\w.-]*$/.test(pattern.slice(0, -1))) {
    const prefix = exact.slice(0, -1)
    return name => name.toLowerCase().startsWith(prefix)
  }
  if (/^[\w.-]+$/.test(pattern) && !pattern.includes('.')) return name => name.toLowerCase() === exact
  const whole = compile(pattern)
  return name => name.toLowerCase() === exact || whole.test(name)
}

function compile(pattern: string): RegExp {
  try {
    return new RegExp(`^(?:${pattern})$`, 'i')
  } catch (cause) {
    throw new DromedaryError('DROMEDARY_INVALID_OPTION', `the name pattern ${pattern} is broken: ${messageOf(cause)}`, {
      cause,
    })
  }
}
