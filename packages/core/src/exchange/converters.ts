import { DromedaryError } from '../errors.ts'

/** Types that have a name. A class is a target as well. */
export interface NamedTypes {
  string: string
  number: number
  boolean: boolean
  bigint: bigint
  buffer: Buffer
  date: Date
  json: unknown
}
// biome-ignore lint/suspicious/noExplicitAny: the constructor's parameters do not matter
type Class<T = unknown> = abstract new (...args: any[]) => T
export type ConversionTarget = keyof NamedTypes | Class
export type Converted<T extends ConversionTarget> = T extends keyof NamedTypes
  ? NamedTypes[T]
  : T extends Class<infer I>
    ? I
    : never

/** Returns undefined for a value that it cannot convert. */
export type Converter<T = unknown> = (value: unknown) => T | undefined

const utf8 = new TextDecoder('utf-8')

function toText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (value === null || value === undefined) return undefined
  if (value instanceof Uint8Array) return utf8.decode(value)
  if (value instanceof ArrayBuffer) return utf8.decode(value)
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Error) return String(value)
  if (typeof value === 'object') return jsonText(value)
  return typeof value === 'function' || typeof value === 'symbol' ? undefined : String(value)
}

function jsonText(value: object): string | undefined {
  const own = (value as { toString?: unknown }).toString
  if (typeof own === 'function' && own !== Object.prototype.toString && !Array.isArray(value)) return String(value)
  try {
    return JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? inner.toString() : inner))
  } catch {
    return undefined
  }
}

function toNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof Date) return value.getTime()
  const text = value instanceof Uint8Array ? utf8.decode(value) : value
  if (typeof text !== 'string' || text.trim() === '') return undefined
  const number = Number(text)
  return Number.isNaN(number) ? undefined : number
}

function toBoolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value
  const text = toText(value)?.trim().toLowerCase()
  return text === 'true' ? true : text === 'false' ? false : undefined
}

function toBigint(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined
  const text = toText(value)?.trim()
  return text !== undefined && /^[+-]?\d+$/.test(text) ? BigInt(text) : undefined
}

function toBuffer(value: unknown): Buffer | undefined {
  if (Buffer.isBuffer(value)) return value
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  if (value instanceof ArrayBuffer) return Buffer.from(value)
  const text = toText(value)
  return text === undefined ? undefined : Buffer.from(text)
}

function toDate(value: unknown): Date | undefined {
  const date =
    value instanceof Date
      ? value
      : typeof value === 'number' || typeof value === 'string'
        ? new Date(/^\d+$/.test(String(value)) ? Number(value) : value)
        : undefined
  return date === undefined || Number.isNaN(date.getTime()) ? undefined : date
}

function toJson(value: unknown): unknown {
  if (typeof value !== 'string' && !(value instanceof Uint8Array)) return value
  try {
    return JSON.parse(toText(value) ?? '')
  } catch {
    return undefined
  }
}

const NAMED: { readonly [N in keyof NamedTypes]: Converter<NamedTypes[N]> } = {
  string: toText,
  number: toNumber,
  boolean: toBoolean,
  bigint: toBigint,
  buffer: toBuffer,
  date: toDate,
  json: toJson,
}

/**
 * Converts bodies and headers: string, number, boolean, bigint, buffer, date and json by name, and classes by
 * the converters that were added for them. One per context. Camel: the type converter registry.
 */
export class TypeConverters {
  readonly #byClass = new Map<Class, Converter[]>()

  /** The newest converter for a class is asked first. */
  add<T>(target: Class<T>, converter: Converter<T>): this {
    const known = this.#byClass.get(target)
    if (known) known.unshift(converter)
    else this.#byClass.set(target, [converter])
    return this
  }

  /** Undefined where the value is missing or cannot be converted. */
  convert<T extends ConversionTarget>(value: unknown, target: T): Converted<T> | undefined {
    if (typeof target === 'string') return NAMED[target as keyof NamedTypes](value) as Converted<T> | undefined
    if (value instanceof (target as Class)) return value as Converted<T>
    for (const converter of this.#byClass.get(target as Class) ?? []) {
      const converted = converter(value)
      if (converted !== undefined) return converted as Converted<T>
    }
    return undefined
  }

  /** Throws `DROMEDARY_NO_CONVERTER`, naming both types but never the value. */
  mandatory<T extends ConversionTarget>(value: unknown, target: T): Converted<T> {
    const converted = this.convert(value, target)
    if (converted !== undefined) return converted
    const to = typeof target === 'string' ? target : (target as Class).name
    throw new DromedaryError(
      'DROMEDARY_NO_CONVERTER',
      `a value of type ${typeName(value)} cannot be converted to ${to}; add a converter to context.converters`,
    )
  }
}

/** What people call the type of a value: `string`, `null`, `Buffer`, `Order`. */
export function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value !== 'object') return typeof value
  return value.constructor?.name ?? 'object'
}
