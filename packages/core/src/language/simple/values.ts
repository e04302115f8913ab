import type { TypeConverters } from '../../exchange/converters.ts'
import { isPlain, sizeOf } from './members.ts'

/**
 * A value as it appears in text: missing values and functions are empty, everything else goes through the converters.
 * What they do not know is named by its type, such as `[object Object]`.
 */
export function renderText(converters: TypeConverters, value: unknown): string {
  if (typeof value === 'string') return value
  if (value === null || value === undefined || typeof value === 'function') return ''
  return converters.convert(value, 'string') ?? Object.prototype.toString.call(value)
}

/**
 * The elements of a value: of lists, sets and other iterables these, of maps and plain objects [key, value] pairs, of
 * text what stands between commas, otherwise the value itself. A missing value has none. Camel: `createIterator`.
 */
export function elementsOf(value: unknown): Iterable<unknown> {
  if (value === null || value === undefined) return []
  if (typeof value === 'string') return value.includes(',') ? value.split(',').map(part => part.trim()) : [value]
  if (typeof value !== 'object' || value instanceof Uint8Array) return [value]
  if (Symbol.iterator in value) return value as Iterable<unknown>
  return isPlain(value) ? Object.entries(value) : [value]
}

/** How many elements; 1 for anything that is no collection, 0 for a missing value. */
export function countOf(value: unknown): number {
  if (value === null || value === undefined) return 0
  return typeof value === 'string' || value instanceof Uint8Array ? 1 : (sizeOf(value) ?? 1)
}

/** Whether the elvis operator keeps it: not missing, false, 0, empty or blank. */
export function isEffective(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === 0 || value === 0n) return false
  if (typeof value === 'string') return value.trim() !== ''
  return typeof value !== 'object' || sizeOf(value) !== 0
}
