import type { NamedTypes } from '../../exchange/converters.ts'
import { isPlain } from './members.ts'

/** Java's names for types that have one here; `java.lang.` and `java.util.` in front are dropped. */
const CONVERSIONS: Readonly<Record<string, keyof NamedTypes>> = {
  String: 'string',
  Integer: 'number',
  int: 'number',
  Long: 'number',
  long: 'number',
  Short: 'number',
  Double: 'number',
  double: 'number',
  Float: 'number',
  Number: 'number',
  Boolean: 'boolean',
  BigInteger: 'bigint',
  'byte[]': 'buffer',
  Buffer: 'buffer',
  Date: 'date',
  Map: 'json',
  List: 'json',
  string: 'string',
  number: 'number',
  boolean: 'boolean',
  bigint: 'bigint',
  buffer: 'buffer',
  date: 'date',
  json: 'json',
}

const withoutPackage = (name: string): string => name.replace(/^java\.(?:lang|util|math)\./, '')

/** The names that {@link conversionType} knows. */
export const conversionNames = (): string[] => Object.keys(CONVERSIONS)

/** The type that `bodyAs(name)` converts to; undefined where the name is not known. */
export function conversionType(name: string): keyof NamedTypes | undefined {
  const short = withoutPackage(name)
  return Object.hasOwn(CONVERSIONS, short) ? CONVERSIONS[short] : undefined
}

const isWhole = (value: unknown): boolean => typeof value === 'bigint' || Number.isInteger(value)
const isNumber = (value: unknown): boolean => typeof value === 'number' || typeof value === 'bigint'
const isOfType =
  (type: string) =>
  (value: unknown): boolean =>
    typeof value === type

const TYPE_TESTS: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  ['String', isOfType('string')],
  ['string', isOfType('string')],
  ['CharSequence', isOfType('string')],
  ['Integer', isWhole],
  ['Long', isWhole],
  ['Short', isWhole],
  ['Number', isNumber],
  ['Double', isNumber],
  ['Float', isNumber],
  ['number', isOfType('number')],
  ['bigint', isOfType('bigint')],
  ['BigInteger', isOfType('bigint')],
  ['Boolean', isOfType('boolean')],
  ['boolean', isOfType('boolean')],
  ['Object', value => value !== null && value !== undefined],
  ['object', value => typeof value === 'object' && value !== null],
  ['Map', value => value instanceof Map || isPlain(value)],
  ['List', Array.isArray],
  ['Collection', value => Array.isArray(value) || value instanceof Set],
  ['array', Array.isArray],
  ['byte[]', value => value instanceof Uint8Array],
  ['Exception', value => value instanceof Error],
  ['Throwable', value => value instanceof Error],
])

/** Whether a value is of this type: one of Java's or TypeScript's names, or the name of one of its classes. */
export function isInstance(value: unknown, name: string): boolean {
  const short = withoutPackage(name.trim())
  const test = TYPE_TESTS.get(short)
  if (test !== undefined) return test(value)
  if (typeof value !== 'object' || value === null) return false
  for (let prototype = Object.getPrototypeOf(value); prototype !== null; prototype = Object.getPrototypeOf(prototype)) {
    if (prototype.constructor?.name === short) return true
  }
  return false
}
