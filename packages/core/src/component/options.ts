import { z } from 'zod'
import { type Duration, parseDuration } from '../uri/duration.ts'
import { nearest } from '../uri/suggest.ts'

/** A text with a placeholder in it, which is resolved before the option is read. */
export type Placeholder = `${string}{{${string}}}${string}`

/** What an option is, besides its schema: for the docs, and for reading it from a query. */
export interface OptionKind {
  /** As the docs print it. */
  readonly type: string
  /** `many` takes a repeated key; `prefixed` is written `name.key=value`; `bean` names one with `#`. */
  readonly form?: 'many' | 'prefixed' | 'bean'
}

/** A value that cannot be read: what it must be. The value itself is added by whoever knows whether it is secret. */
class Refused {
  readonly must: string
  readonly near: string | undefined

  constructor(must: string, near?: string) {
    this.must = must
    this.near = near
  }
}

/** An option read by a function. It sees undefined when the option is missing. */
function option<Out, In>(kind: OptionKind, read: (value: unknown) => Out | Refused): z.ZodType<Out, In> {
  return z
    .unknown()
    .transform((value, context) => {
      const result = value === undefined ? new Refused('is required') : read(value)
      if (!(result instanceof Refused)) return result
      context.addIssue({ code: 'custom', message: result.must, params: { near: result.near } })
      return z.NEVER
    })
    .meta({ dromedary: kind }) as unknown as z.ZodType<Out, In>
}

/** A duration; parsed to milliseconds. Written as milliseconds or as `1m30s`; negative only as plain digits. */
export function duration(limits: { readonly min?: number } = {}): z.ZodType<number, Duration | Placeholder> {
  const { min } = limits
  return option({ type: 'duration' }, value => {
    const ms = typeof value === 'number' || typeof value === 'string' ? tryDuration(value) : undefined
    if (ms === undefined) return new Refused('must be milliseconds or a duration such as 1m30s')
    return min !== undefined && ms < min ? new Refused(`must be at least ${min} ms`) : ms
  })
}

function tryDuration(value: string | number): number | undefined {
  try {
    return parseDuration(value)
  } catch {
    return undefined
  }
}

/** True or false. */
export function flag(): z.ZodType<boolean, boolean | 'true' | 'false' | Placeholder> {
  return option({ type: 'boolean' }, value => {
    const text = String(value).trim().toLowerCase()
    return text === 'true' ? true : text === 'false' ? false : new Refused('must be true or false')
  })
}

/** Limits of a number, both included. */
export interface NumberLimits {
  readonly min?: number
  readonly max?: number
}

/** A whole number. */
export function integer(limits: NumberLimits = {}): z.ZodType<number, number | `${bigint}` | Placeholder> {
  return option({ type: 'integer' }, value => {
    const number = toNumber(value)
    return Number.isSafeInteger(number) ? within(number, limits) : new Refused('must be a whole number')
  })
}

/** A number that may have a fraction. */
export function decimal(limits: NumberLimits = {}): z.ZodType<number, number | `${number}` | Placeholder> {
  return option({ type: 'number' }, value => {
    const number = toNumber(value)
    return Number.isFinite(number) ? within(number, limits) : new Refused('must be a number')
  })
}

function toNumber(value: unknown): number {
  if (typeof value === 'number') return value
  return typeof value === 'string' && /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i.test(value)
    ? Number(value)
    : Number.NaN
}

function within(number: number, { min, max }: NumberLimits): number | Refused {
  if (min !== undefined && number < min) return new Refused(`must be at least ${min}`)
  return max !== undefined && number > max ? new Refused(`must be at most ${max}`) : number
}

/** Any text. */
export function text(): z.ZodType<string, string> {
  return option({ type: 'string' }, value => (typeof value === 'string' ? value : new Refused('must be a text')))
}

/** One of these words, in any case; parsed to the spelling given here. */
export function oneOf<const W extends string>(words: readonly W[]): z.ZodType<W, W | Lowercase<W> | Placeholder> {
  return option({ type: words.join('/') }, value => {
    const written = String(value).trim()
    const found = words.find(word => word.toLowerCase() === written.toLowerCase())
    return found ?? new Refused(`must be one of ${words.join(', ')}`, nearest(written, words))
  })
}

/** Several texts, separated by commas; or the key repeated; or an array. */
export function list(): z.ZodType<readonly string[], string | readonly string[]> {
  return option({ type: 'list', form: 'many' }, value => {
    const parts = Array.isArray(value) ? value : [value]
    if (!parts.every(part => typeof part === 'string')) return new Refused('must be texts, separated by commas')
    return parts
      .flatMap(part => part.split(','))
      .map(part => part.trim())
      .filter(part => part !== '')
  })
}

/** Options with names of the user's own, written `option.name=value`; an object of texts. Nothing given: empty. */
export function prefixed(): z.ZodDefault<z.ZodType<Readonly<Record<string, string>>, PrefixedInput>> {
  const schema: z.ZodType<Readonly<Record<string, string>>, PrefixedInput> = option(
    { type: 'prefixed', form: 'prefixed' },
    value =>
      typeof value === 'object' && value !== null
        ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, String(one)]))
        : new Refused('must be written option.name=value'),
  )
  return schema.default({})
}

/** What a {@link prefixed} option takes in the object form. */
export type PrefixedInput = Readonly<Record<string, string | number | boolean>>

/** A bean by its name: `#bean:name` or `#name`; parsed to the bean itself. */
export function bean<T = unknown>(): z.ZodType<T, `#${string}` | Placeholder> {
  return option<BeanReference, `#${string}` | Placeholder>({ type: 'bean', form: 'bean' }, value => {
    const [, kind, name] = typeof value === 'string' ? (/^#(?:(\w+):)?(.+)$/.exec(value.trim()) ?? []) : []
    if (name === undefined) return new Refused('must name a bean: #bean:name')
    if (kind === undefined || kind === 'bean') return new BeanReference(name)
    if (kind === 'property') return new Refused('cannot refer to a property with #property: write {{key}}')
    return new Refused(`cannot make a bean by #${kind}: register an instance and write #bean:name`)
  }) as unknown as z.ZodType<T, `#${string}` | Placeholder>
}

/** Stands for a bean until it is looked up. */
export class BeanReference {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

/** The kind of an option made by one of the functions above, through `default`, `optional` and the like. */
export function kindOf(schema: z.core.$ZodType): OptionKind | undefined {
  for (const layer of layers(schema)) {
    const kind = z.globalRegistry.get(layer)?.['dromedary']
    if (kind !== undefined) return kind as OptionKind
  }
  return undefined
}

/** The schema, and what it wraps, from the outside in. */
export function* layers(schema: z.core.$ZodType): Generator<z.core.$ZodType> {
  for (let layer: z.core.$ZodType | undefined = schema; layer !== undefined; ) {
    yield layer
    layer = (layer._zod.def as { readonly innerType?: z.core.$ZodType }).innerType
  }
}
