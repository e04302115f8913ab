import type { z } from 'zod'
import { DromedaryError, type ErrorCode } from '../errors.ts'
import { isSensitive, maskUri } from '../uri/mask.ts'
import type { ParsedUri } from '../uri/parse.ts'
import { didYouMean, nearest } from '../uri/suggest.ts'
import { BeanReference, kindOf } from './options.ts'

/** Whose options are read, and what else may supply them. */
export interface OptionPlace {
  readonly scheme: string
  /** The URI, secrets masked: for errors. */
  readonly uri: string
  /** Values for options that the URI does not name. */
  readonly defaults?: object | undefined
  /** Options that Camel has and this component has not, each with the reason, such as `takes an object of the JVM`. */
  readonly refused?: Readonly<Record<string, string>> | undefined
  /** Unknown options are handed over instead of refused. */
  readonly lenient?: boolean | undefined
  /** Beans by name. */
  lookup?(name: string): unknown
}

/** What came out of a query. */
export interface ParsedOptions<O> {
  readonly options: O
  /** What a lenient component was given beyond its own options. */
  readonly extra: ReadonlyMap<string, readonly string[]>
}

interface Problem {
  readonly code: ErrorCode
  readonly text: string
  readonly hint: string
}

/**
 * The options of an endpoint, by its schema. All mistakes of one URI come in one error: `DROMEDARY_UNKNOWN_OPTION` when
 * one of them is an unknown name, else `DROMEDARY_INVALID_OPTION`; `DROMEDARY_UNKNOWN_BEAN` for a missing bean alone.
 */
export function parseOptions<S extends z.ZodObject>(
  schema: S,
  parameters: ParsedUri['parameters'],
  place: OptionPlace,
): ParsedOptions<z.output<S>> {
  const read = readParameters(schema.shape, parameters, place)
  const values = { ...place.defaults, ...read.values }
  const result = schema.safeParse(values)
  const problems = [...read.problems, ...(result.error?.issues ?? []).map(issue => explain(issue, values, place))]
  if (!result.success || problems.length > 0) throw failure(problems, place, read.secretKeys)
  return { options: withBeans(result.data, place) as z.output<S>, extra: read.extra }
}

function readParameters(shape: z.core.$ZodShape, parameters: ParsedUri['parameters'], place: OptionPlace) {
  const values: Record<string, unknown> = {}
  const extra = new Map<string, readonly string[]>()
  const problems: Problem[] = []
  const secretKeys: string[] = []
  for (const [key, given] of parameters) {
    const known = find(shape, key)
    if (known === undefined) {
      if (place.lenient) extra.set(key, given)
      else {
        problems.push(unknown(key, Object.keys(shape), place))
        // A misspelt password is a password still.
        if (isSensitive(nearest(key, [...Object.keys(shape), 'password', 'secret', 'token']) ?? ''))
          secretKeys.push(key)
      }
    } else if (given.length > 1 && known.form !== 'many') {
      problems.push(invalid(`${place.scheme} takes ${key} once, but it is given ${given.length} times`))
    } else if (known.inner === undefined) {
      values[key] = known.form === 'many' ? given : given[0]
    } else {
      values[known.name] = { ...(values[known.name] as object), [known.inner]: given[0] }
    }
  }
  for (const [name, value] of Object.entries(values)) {
    const base: unknown = (place.defaults as Record<string, unknown> | undefined)?.[name]
    if (isRecord(value) && isRecord(base)) values[name] = { ...base, ...value }
  }
  return { values, extra, problems, secretKeys }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The option that a key of the query means: itself, or the prefix of `additionalProperties.x`. */
function find(shape: z.core.$ZodShape, key: string) {
  const schema = Object.hasOwn(shape, key) ? shape[key] : undefined
  if (schema !== undefined) return { name: key, form: kindOf(schema)?.form, inner: undefined }
  const dot = key.indexOf('.')
  const name = key.slice(0, dot)
  const owner = dot > 0 && dot < key.length - 1 && Object.hasOwn(shape, name) ? shape[name] : undefined
  if (owner === undefined || kindOf(owner)?.form !== 'prefixed') return undefined
  return { name, form: undefined, inner: key.slice(dot + 1) }
}

function unknown(key: string, known: readonly string[], { scheme, refused = {} }: OptionPlace): Problem {
  const reason = Object.hasOwn(refused, key) ? refused[key] : undefined
  if (reason !== undefined) {
    return {
      code: 'DROMEDARY_UNKNOWN_OPTION',
      text: `${scheme} does not take Camel's option ${key}: ${reason}; found`,
      hint: '',
    }
  }
  return { code: 'DROMEDARY_UNKNOWN_OPTION', text: `${scheme} has no option ${key}`, hint: didYouMean(key, known) }
}

function invalid(text: string, hint = ''): Problem {
  return { code: 'DROMEDARY_INVALID_OPTION', text, hint }
}

function explain(issue: z.core.$ZodIssue, values: Record<string, unknown>, { scheme }: OptionPlace): Problem {
  const name = issue.path[0]
  if (typeof name !== 'string') return invalid(`${scheme}: ${issue.message}`)
  const value = values[name]
  const near: unknown = issue.code === 'custom' ? issue.params?.['near'] : undefined
  const shown = typeof value === 'object' || value === undefined || isSensitive(name) ? '' : `, not "${value}"`
  return invalid(
    `${scheme} option ${name} ${issue.message}${shown}`,
    typeof near === 'string' ? `; did you mean ${near}?` : '',
  )
}

function failure(problems: readonly Problem[], place: OptionPlace, secretKeys: readonly string[]): DromedaryError {
  const code = problems.find(problem => problem.code === 'DROMEDARY_UNKNOWN_OPTION')?.code ?? 'DROMEDARY_INVALID_OPTION'
  const uri = maskUri(place.uri, secretKeys)
  const [first] = problems
  if (problems.length === 1 && first !== undefined)
    return new DromedaryError(code, `${first.text} in ${uri}${first.hint}`)
  const all = problems.map(({ text, hint }, at) => `(${at + 1}) ${text}${hint}`).join(' ')
  return new DromedaryError(code, `${problems.length} mistakes in ${uri}: ${all}`)
}

function withBeans(options: Record<string, unknown>, place: OptionPlace): Record<string, unknown> {
  for (const [name, value] of Object.entries(options)) {
    if (!(value instanceof BeanReference)) continue
    const found = place.lookup?.(value.name)
    if (found === undefined) {
      throw new DromedaryError(
        'DROMEDARY_UNKNOWN_BEAN',
        `${place.scheme} option ${name} names the bean ${value.name} in ${place.uri}, but nothing is registered under that name`,
      )
    }
    options[name] = found
  }
  return options
}
