import { DromedaryError } from '../errors.ts'
import { maskUri } from './mask.ts'
import { formDecode, normalPath, normalQuery, percentDecode, writtenPath } from './normalise.ts'
import { splitQuery } from './raw.ts'

/**
 * An endpoint URI after parsing: placeholders resolved, RAW() taken out, values decoded.
 * `scheme:path` and `scheme://path` are the same endpoint.
 */
export interface ParsedUri {
  readonly scheme: string
  /** Between scheme and query, without leading `//`, decoded. */
  readonly path: string
  /** In the order of writing; a repeated key has several values. Decoded; RAW values as they stood. */
  readonly parameters: ReadonlyMap<string, readonly string[]>
  /** Normal form, parameters sorted by key: what endpoints are shared by. Contains secrets. */
  readonly normal: string
  /** Normal form with secrets masked: what logs and errors print. */
  readonly masked: string
  /** Everything after `scheme:`, as written: what a wrapping component (`master:`) takes apart itself. */
  readonly rest: string
}

const SCHEME = /^([a-z][\w+.-]*):/i
const LINE_BREAK = /\s*[\r\n]\s*/g

/**
 * Takes an endpoint URI apart. Placeholders must have been resolved before. A long one may be broken over lines: line
 * ends and the blanks around them are dropped. Throws `DROMEDARY_INVALID_URI`.
 */
export function parseUri(text: string): ParsedUri {
  const whole = text.trim().replaceAll(LINE_BREAK, '')
  const scheme = SCHEME.exec(whole)?.[1]
  if (scheme === undefined) throw invalid(whole, 'has no scheme: write scheme:path, such as timer:tick')
  const rest = whole.slice(scheme.length + 1)
  const path = writtenPath(rest)
  const query = rest.indexOf('?')
  const parameters = query < 0 ? new Map<string, string[]>() : parseQuery(rest.slice(query + 1), whole)
  const normal = `${scheme}://${normalPath(path)}${parameters.size > 0 ? `?${normalQuery(parameters)}` : ''}`
  return { scheme, path: percentDecode(path), parameters, normal, masked: maskUri(normal), rest }
}

function parseQuery(query: string, whole: string): Map<string, string[]> {
  const parameters = new Map<string, string[]>()
  if (query === '') return parameters
  for (const { key, value, raw, end, unclosed } of splitQuery(query)) {
    if (unclosed) throw invalid(whole, `opens a RAW for ${key} that is not closed before & or the end`)
    if (key === '') throw invalid(whole, emptyKey(query, end))
    const name = formDecode(key)
    const decoded = raw ? value : formDecode(value)
    const known = parameters.get(name)
    if (known) known.push(decoded)
    else parameters.set(name, [decoded])
  }
  return parameters
}

function emptyKey(query: string, end: number): string {
  if (end < query.length && end > 0 && query[end - 1] === '&')
    return 'has a double &&: remove one, or write RAW(…) around the value'
  if (query.endsWith('&')) return 'ends in &: remove it, or write RAW(…) around the value'
  if (query.startsWith('&')) return 'has an & right after the ?: remove it'
  return 'has a value without a name: write name=value'
}

function invalid(uri: string, problem: string): DromedaryError {
  return new DromedaryError('DROMEDARY_INVALID_URI', `the URI "${maskUri(uri)}" ${problem}`)
}
