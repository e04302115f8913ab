import { DromedaryError } from '../errors.ts'
import { encodeMatching, formDecode, formEncode } from '../uri/normalise.ts'
import { startsRaw, toRaw } from '../uri/raw.ts'

/**
 * An endpoint, written as a call instead of as a text: `timer('tick', { period: '5s' })`. It is nothing but the URI that
 * one would have written, and what the compiler knows of the body.
 */
export interface EndpointRef<Body = unknown> {
  readonly uri: string
  /** For the compiler alone; never there at run time. */
  readonly '~body'?: Body
}

/** Whether the value is an {@link EndpointRef}. */
export function isEndpointRef(value: unknown): value is EndpointRef {
  return typeof value === 'object' && value !== null && typeof (value as { uri?: unknown }).uri === 'string'
}

/** The query of these options, in their order, so that parsing it gives back exactly their values; with its `?`. */
export function writeQuery(scheme: string, options: object): string {
  const parts = Object.entries(options).flatMap(([name, value]) => writeOption(scheme, name, value))
  return parts.length === 0 ? '' : `?${parts.join('&')}`
}

function writeOption(scheme: string, name: string, value: unknown): string[] {
  if (value === undefined) return []
  if (Array.isArray(value)) {
    if (value.every(item => typeof item === 'string' && !item.includes(','))) return [pair(name, value.join(','))]
    throw unwritable(scheme, name, 'a list of texts, and none of them may contain a comma')
  }
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([inner, one]) => writeOption(scheme, `${name}.${inner}`, one))
  }
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return [pair(name, String(value))]
  }
  throw unwritable(scheme, name, 'a text, a number, or true or false')
}

function unwritable(scheme: string, name: string, must: string): DromedaryError {
  return new DromedaryError(
    'DROMEDARY_INVALID_OPTION',
    `${scheme} option ${name} cannot be written into a URI: it must be ${must}`,
  )
}

function pair(name: string, value: string): string {
  const key = /^[\w.*-]+$/.test(name) ? name : formEncode(name)
  return `${key}=${writeValue(value)}`
}

/** As it stands where that reads back the same, else in RAW, else percent-encoded. Placeholders stay as they are. */
function writeValue(value: string): string {
  if (value === '') return value
  const hasEdges = value.trim() !== value || /[\r\n]/.test(value)
  if (!hasEdges && !value.includes('&') && !startsRaw(value) && formDecode(value) === value) return value
  const raw = /[\r\n]/.test(value) ? undefined : toRaw(value)
  return raw ?? outsidePlaceholders(value, formEncode)
}

/** A path parameter, so that it ends where it should: `ends` are the characters that would end it early. */
export function writePath(value: string, ends: string): string {
  const unsafe = new RegExp(`[?%\\r\\n${ends.replaceAll(/[\]\\^-]/g, '\\$&')}]|^\\s|\\s$`, 'g')
  return outsidePlaceholders(value, text => encodeMatching(text, unsafe))
}

function outsidePlaceholders(text: string, change: (text: string) => string): string {
  return text
    .split(/(\{\{.*?\}\}+)/s)
    .map((part, at) => (at % 2 === 0 ? change(part) : part))
    .join('')
}
