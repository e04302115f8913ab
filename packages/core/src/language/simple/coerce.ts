import { isDeepStrictEqual } from 'node:util'
import type { TypeConverters } from '../../exchange/converters.ts'
import { renderText } from './values.ts'

/*
 * How two values of different types meet. The type of the left side is tried first, then that of the right, as in
 * Camel: its ObjectHelper's typeCoerceEquals and typeCoerceCompare.
 */

const DIGITS = /^\d+$/

/** Digit-only texts compare as numbers of any length. */
function compareDigits(left: string, right: string): number {
  const a = left.replace(/^0+(?=\d)/, '')
  const b = right.replace(/^0+(?=\d)/, '')
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)
}

/** `==`: the value of the right side in the type of the left, or the other way round. */
export function coercedEquals(converters: TypeConverters, left: unknown, right: unknown): boolean {
  if (left === right) return true
  if (left === null || left === undefined) return right === null || right === undefined
  if (right === null || right === undefined) return false
  if (typeof left === 'string' && typeof right === 'string') {
    return DIGITS.test(left) && DIGITS.test(right) && compareDigits(left, right) === 0
  }
  if (typeof left === typeof right && typeof left !== 'object') return false
  const order = compareAs(converters, left, right)
  if (order !== undefined) return order === 0
  if (typeof left === 'object' && typeof right === 'object') return isDeepStrictEqual(left, right)
  return renderText(converters, left) === renderText(converters, right)
}

/**
 * Negative, 0 or positive; undefined where either side is missing. Texts compare by letter, two digit-only texts as
 * numbers, a number and a text that is none as texts.
 */
export function coercedCompare(converters: TypeConverters, left: unknown, right: unknown): number | undefined {
  if (left === null || left === undefined || right === null || right === undefined) return undefined
  if (typeof left === 'string' && typeof right === 'string') {
    return DIGITS.test(left) && DIGITS.test(right) ? compareDigits(left, right) : compareText(left, right)
  }
  const order = compareAs(converters, left, right)
  return order === undefined ? compareText(renderText(converters, left), renderText(converters, right)) : order
}

const compareText = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)

/** By a type that both can be brought into; undefined where there is none. */
function compareAs(converters: TypeConverters, left: unknown, right: unknown): number | undefined {
  for (const side of [left, right]) {
    const type = orderedType(side)
    if (type === undefined) continue
    const a = converters.convert(left, type)
    const b = converters.convert(right, type)
    if (a !== undefined && b !== undefined) return a < b ? -1 : a > b ? 1 : 0
  }
  return undefined
}

function orderedType(value: unknown): 'number' | 'boolean' | 'date' | 'bigint' | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return typeof value as 'number' | 'boolean'
  if (typeof value === 'bigint') return 'bigint'
  return value instanceof Date ? 'date' : undefined
}
