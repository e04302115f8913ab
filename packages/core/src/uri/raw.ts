/** The opening of a value that is taken as it stands, and what closes it. Camel: `RAW(…)`, `RAW{…}`. */
const CLOSERS = { 'RAW(': ')', 'RAW{': '}' } as const

/** One `key=value` of a query, as written. */
export interface WrittenParameter {
  readonly key: string
  /** Without the RAW around it. */
  readonly value: string
  /** Whether it stood in RAW: then nothing in it is decoded. */
  readonly raw: boolean
  /** Where it starts and ends in the query, for those who cut it out. */
  readonly start: number
  readonly end: number
  /** Whether a RAW was opened and never closed: the value then reaches to the end. */
  readonly unclosed: boolean
}

/** Whether the text, as a value of a query, would be read as RAW. */
export function startsRaw(text: string): boolean {
  return text.startsWith('RAW(') || text.startsWith('RAW{')
}

/**
 * Cuts a query at its `&`, except those inside RAW. A RAW ends at the first closing bracket that has `&` or the end
 * behind it, so it may contain its own bracket as well. Never throws: empty pieces come out with an empty key.
 */
export function splitQuery(query: string): WrittenParameter[] {
  const parameters: WrittenParameter[] = []
  for (let start = 0; start <= query.length; ) {
    const parameter = readParameter(query, start)
    parameters.push(parameter)
    start = parameter.end + 1
  }
  return parameters
}

function readParameter(query: string, start: number): WrittenParameter {
  const stop = indexOr(query, '&', start)
  const equals = query.indexOf('=', start)
  if (equals < 0 || equals > stop) {
    return { key: query.slice(start, stop), value: '', raw: false, start, end: stop, unclosed: false }
  }
  const key = query.slice(start, equals)
  const from = equals + 1
  const opening = query.slice(from, from + 4)
  if (opening !== 'RAW(' && opening !== 'RAW{') {
    return { key, value: query.slice(from, stop), raw: false, start, end: stop, unclosed: false }
  }
  const close = closing(query, CLOSERS[opening], from + 4)
  const end = close < 0 ? query.length : close + 1
  return { key, value: query.slice(from + 4, close < 0 ? end : close), raw: true, start, end, unclosed: close < 0 }
}

function closing(query: string, bracket: string, from: number): number {
  for (let at = query.indexOf(bracket, from); at >= 0; at = query.indexOf(bracket, at + 1)) {
    if (at + 1 === query.length || query[at + 1] === '&') return at
  }
  return -1
}

function indexOr(text: string, wanted: string, from: number): number {
  const at = text.indexOf(wanted, from)
  return at < 0 ? text.length : at
}

/** Puts RAW around a value; undefined when it contains what would close either form. */
export function toRaw(value: string): string | undefined {
  if (!value.includes(')&')) return `RAW(${value})`
  return value.includes('}&') ? undefined : `RAW{${value}}`
}
