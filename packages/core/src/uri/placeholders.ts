import { DromedaryError } from '../errors.ts'
import { dropOptions, MISSING } from './optional-placeholders.ts'
import { placeholderFunction } from './placeholder-functions.ts'
import { didYouMean } from './suggest.ts'

/** Where placeholders get their values. */
export interface PropertySource {
  /** Undefined when there is none of this key. */
  property(key: string): string | undefined
  /** For `{{bean:name}}`. */
  lookup?(bean: string): unknown
  /** For `{{env:NAME}}`; without it, the environment of the process. */
  env?(name: string): string | undefined
  /** All keys, for "did you mean". */
  keys?(): Iterable<string>
}

/**
 * Puts values in the place of `{{key}}`, `{{key:default}}` (the default may contain colons), `{{?key}}` (drops the whole
 * query option when missing; outside a query it leaves nothing), `{{!key}}` (negates true and false) and
 * `{{key?nested=false}}` (leaves placeholders inside the value alone), with `env:`, `sys:` and `bean:` before the key.
 * Placeholders may stand within placeholders and in values. `\{{…}}` is a literal `{{…}}`.
 *
 * Throws `DROMEDARY_UNKNOWN_PLACEHOLDER` and `DROMEDARY_INVALID_PLACEHOLDER`; `where` says in whose text, secrets masked.
 */
export function resolvePlaceholders(text: string, source: PropertySource, where?: string): string {
  if (!text.includes('{{')) return text
  const resolved = new Resolution(source, where === undefined ? '' : ` in ${where}`).resolve(text, [])
  return resolved.includes(MISSING) ? dropOptions(resolved) : resolved
}

/** A placeholder, taken apart. */
interface Written {
  readonly key: string
  readonly fallback: string | undefined
  readonly optional: boolean
  readonly negated: boolean
  readonly nested: boolean
}

class Resolution {
  readonly #source: PropertySource
  readonly #where: string

  constructor(source: PropertySource, where: string) {
    this.#source = source
    this.#where = where
  }

  /** `open` are the keys whose values are being resolved: what tells a placeholder that refers to itself. */
  resolve(text: string, open: readonly string[]): string {
    let result = ''
    let done = 0
    for (let at = text.indexOf('{{'); at >= 0; at = text.indexOf('{{', done)) {
      const escaped = text[at - 1] === '\\' && at > done
      // Of an odd number of braces the first is text, as in RAW{{{password}}}.
      const start = escaped ? at : at + (bracesAt(text, at) % 2)
      const end = closing(text, start)
      if (end < 0) {
        if (!escaped) throw this.#invalid(`{{${text.slice(start + 2, start + 30)} is not closed by }}`)
        result += `${text.slice(done, at - 1)}{{`
        done = at + 2
        continue
      }
      const inner = text.slice(start + 2, end)
      result += text.slice(done, escaped ? start - 1 : start)
      result += escaped ? `{{${inner.endsWith('\\') ? inner.slice(0, -1) : inner}}}` : this.#value(inner, open)
      done = end + 2
    }
    return result + text.slice(done)
  }

  #value(inner: string, open: readonly string[]): string {
    const written = takeApart(inner, text => this.resolve(text, open))
    if (written.key === '') throw this.#invalid('{{}} has no key')
    if (open.includes(written.key)) {
      throw this.#invalid(`{{${written.key}}} refers to itself: ${[...open, written.key].join(' → ')}`)
    }
    const found = this.#lookUp(written.key)
    if (found === undefined) {
      if (written.fallback !== undefined) return negate(written, this.resolve(written.fallback, open), this)
      if (written.optional) return MISSING
      throw this.#unknown(written.key)
    }
    const value = written.nested ? this.resolve(found, [...open, written.key]) : found
    return negate(written, value, this)
  }

  #lookUp(key: string): string | undefined {
    const special = placeholderFunction(key)
    return special === undefined ? this.#source.property(key) : special(this.#source, problem => this.#invalid(problem))
  }

  notBoolean(key: string): DromedaryError {
    return this.#invalid(`{{!${key}}} needs a value of true or false`)
  }

  #unknown(key: string): DromedaryError {
    const hint = didYouMean(key, this.#source.keys?.() ?? [])
    return new DromedaryError(
      'DROMEDARY_UNKNOWN_PLACEHOLDER',
      `the placeholder {{${key}}}${this.#where} has no value and no default${hint || `; set ${key}, or write {{${key}:default}}`}`,
    )
  }

  #invalid(problem: string): DromedaryError {
    return new DromedaryError('DROMEDARY_INVALID_PLACEHOLDER', `the placeholder ${problem}${this.#where}`)
  }
}

function negate(written: Written, value: string, resolution: Resolution): string {
  if (!written.negated || value === MISSING) return value
  const plain = value.trim().toLowerCase()
  if (plain !== 'true' && plain !== 'false') throw resolution.notBoolean(written.key)
  return plain === 'true' ? 'false' : 'true'
}

const NOT_NESTED = '?nested=false'
const NESTED = '?nested=true'

function takeApart(inner: string, resolve: (text: string) => string): Written {
  const marks = /^\s*([?!]*)/.exec(inner)?.[0] ?? ''
  const text = inner.slice(marks.length)
  const colon = defaultAt(text)
  let key = resolve(colon < 0 ? text : text.slice(0, colon)).trim()
  let fallback = colon < 0 ? undefined : text.slice(colon + 1)
  const tail = fallback ?? key
  const nested = !tail.endsWith(NOT_NESTED)
  const cut = tail.slice(0, tail.length - (nested ? (tail.endsWith(NESTED) ? NESTED.length : 0) : NOT_NESTED.length))
  if (fallback === undefined) key = cut
  else fallback = cut
  return { key, fallback, nested, optional: marks.includes('?'), negated: marks.includes('!') }
}

/** The colon before the default: the first outside inner placeholders, and not the one of a function such as `env:`. */
function defaultAt(text: string): number {
  const from = /^(?:env|sys|bean|service(?:\.name|\.host|\.port)?):/.exec(text)?.[0].length ?? 0
  for (let at = from, depth = 0; at < text.length; at++) {
    if (text.startsWith('{{', at)) depth++
    else if (text.startsWith('}}', at)) depth--
    else {
      if (text[at] === ':' && depth === 0) return at
      continue
    }
    at++
  }
  return -1
}

function bracesAt(text: string, at: number): number {
  let count = 0
  while (text[at + count] === '{') count++
  return count
}

/** Where the `}}` is that closes the `{{` at `start`. */
function closing(text: string, start: number): number {
  for (let at = start + 2, depth = 1; at < text.length; at++) {
    if (text.startsWith('{{', at)) depth++
    else if (!text.startsWith('}}', at)) continue
    else if (--depth === 0) return at
    at++
  }
  return -1
}
