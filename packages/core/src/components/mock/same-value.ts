import { isDeepStrictEqual } from 'node:util'
import type { ConversionTarget, TypeConverters } from '../../exchange/converters.ts'

/**
 * Whether a value is what was expected: deeply equal, if need be after conversion to the type of what was expected, so
 * that bytes may be compared with a text. A missing value and null are the same. Camel: `extractActualValue`.
 */
export function sameValue(expected: unknown, actual: unknown, converters: TypeConverters): boolean {
  if (expected === null || expected === undefined) return actual === null || actual === undefined
  if (isDeepStrictEqual(expected, actual)) return true
  const type = typeOf(expected)
  return type !== undefined && isDeepStrictEqual(expected, converters.convert(actual, type))
}

function typeOf(expected: unknown): ConversionTarget | undefined {
  switch (typeof expected) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'bigint':
      return typeof expected as 'string' | 'number' | 'boolean' | 'bigint'
    default:
      return Buffer.isBuffer(expected) ? 'buffer' : expected instanceof Date ? 'date' : undefined
  }
}
