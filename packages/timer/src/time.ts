/** Digits that a letter of a pattern stands for, and the field that they fill. */
const FIELDS = { y: 'year', M: 'month', d: 'day', H: 'hour', m: 'minute', s: 'second', S: 'millisecond' } as const
const PART = /'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+/g

/**
 * A point in time, written by a pattern of Java's `SimpleDateFormat`: `y M d H m s S` and `X`, other text in single
 * quotes. Local time unless the pattern has an offset (`X`). Undefined when the text does not fit, or is no such day.
 * Throws a RangeError for a letter that it does not know.
 */
export function parseTime(text: string, pattern: string = usualPattern(text)): Date | undefined {
  const order: string[] = []
  const source = [...pattern.matchAll(PART)].map(([part, quoted, letter]) => {
    if (quoted !== undefined) return literally(quoted === '' ? "'" : quoted.replaceAll("''", "'"))
    if (letter === undefined) return literally(part)
    order.push(letter)
    if (letter === 'X') return '(Z|[+-]\\d{2}(?::?\\d{2})?)'
    if (!(letter in FIELDS))
      throw new RangeError(`the letter ${letter} of the pattern ${pattern} is not known: use y M d H m s S X`)
    return part.length > 1 ? `(\\d{${part.length}})` : '(\\d+)'
  })
  const found = new RegExp(`^${source.join('')}$`).exec(text.trim())
  return found === null ? undefined : toDate(order, found.slice(1))
}

/** What Camel takes when no pattern is given. */
export function usualPattern(text: string): string {
  return text.includes('T') ? "yyyy-MM-dd'T'HH:mm:ss" : 'yyyy-MM-dd HH:mm:ss'
}

function toDate(order: readonly string[], values: readonly string[]): Date | undefined {
  const get = (letter: string, missing: number) => {
    const at = order.indexOf(letter)
    return at < 0 ? missing : Number(values[at])
  }
  const fields = [
    get('y', 1970),
    get('M', 1) - 1,
    get('d', 1),
    get('H', 0),
    get('m', 0),
    get('s', 0),
    get('S', 0),
  ] as const
  const [year, month, day, hour, minute, second] = fields
  const exists = new Date(Date.UTC(...fields))
  const fits =
    exists.getUTCFullYear() === year &&
    exists.getUTCMonth() === month &&
    exists.getUTCDate() === day &&
    hour < 24 &&
    minute < 60 &&
    second < 60
  if (!fits) return undefined
  const offset = values[order.indexOf('X')]
  return offset === undefined ? new Date(...fields) : new Date(exists.getTime() - offsetMs(offset))
}

function offsetMs(offset: string): number {
  const [, sign, hours = '0', minutes = '0'] = /^([+-])(\d{2}):?(\d{2})?$/.exec(offset) ?? []
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
}

function literally(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
