import type { TypeConverters } from '../../exchange/converters.ts'
import type { Comparison } from './ast.ts'
import { coercedCompare, coercedEquals } from './coerce.ts'
import { isInstance } from './types.ts'
import { elementsOf, renderText } from './values.ts'

/** Whether the comparison holds between two values. May throw what a wrong pattern or range throws. */
export type Operator = (left: unknown, right: unknown, converters: TypeConverters) => boolean

const isMissing = (value: unknown): value is null | undefined => value === null || value === undefined

/** With both sides missing, `>=` and `<=` hold, as in Camel; with one missing none does. */
const ordered =
  (holds: (order: number) => boolean, bothMissing: boolean): Operator =>
  (left, right, converters) => {
    const order = coercedCompare(converters, left, right)
    return order === undefined ? bothMissing && isMissing(left) && isMissing(right) : holds(order)
  }

/** Text against text; nothing holds for a missing side. */
const textual =
  (holds: (left: string, right: string) => boolean): Operator =>
  (left, right, converters) =>
    !isMissing(left) && !isMissing(right) && holds(renderText(converters, left), renderText(converters, right))

const equalsIgnoringCase: Operator = (left, right, converters) =>
  coercedEquals(converters, left, right) ||
  (!isMissing(left) &&
    !isMissing(right) &&
    renderText(converters, left).toLowerCase() === renderText(converters, right).toLowerCase())

/** Part of a text, or element of a list, set or map of keys. */
const contains =
  (partOf: Operator, equal: Operator): Operator =>
  (left, right, converters) => {
    const isCollection = Array.isArray(left) || left instanceof Set || left instanceof Map
    if (!isCollection) return partOf(left, right, converters)
    const members: Iterable<unknown> = left instanceof Map ? left.keys() : left
    for (const member of members) if (equal(member, right, converters)) return true
    return false
  }

const equals: Operator = (left, right, converters) => coercedEquals(converters, left, right)

/** One comma-separated text or a list; each element is brought into the type of the left side. */
const isIn: Operator = (left, right, converters) => {
  const members = typeof right === 'string' ? right.split(',') : elementsOf(right)
  for (const member of members) if (coercedEquals(converters, left, member)) return true
  return false
}

const RANGE = /^\s*([+-]?\d+(?:\.\d+)?)\.\.([+-]?\d+(?:\.\d+)?)\s*$/

/** `100..199`, both included; undefined where the text is no range. */
export function parseRangeText(text: string): readonly [from: number, to: number] | undefined {
  const match = RANGE.exec(text)
  return match === null ? undefined : [Number(match[1]), Number(match[2])]
}

const isInRange: Operator = (left, right, converters) => {
  const text = renderText(converters, right)
  const range = parseRangeText(text)
  if (range === undefined) throw new RangeError(`${JSON.stringify(text)} is no range; write it as 100..199`)
  return isBetween(left, range, converters)
}

/** A value that is no number lies in no range. */
export function isBetween(left: unknown, range: readonly [number, number], converters: TypeConverters): boolean {
  const number = converters.convert(left, 'number')
  return number !== undefined && number >= range[0] && number <= range[1]
}

/** A pattern that must match the whole value; Java's `(?i)` and the like may begin it. Throws a SyntaxError. */
export function wholeMatch(pattern: string): RegExp {
  const flags = /^\(\?([ims]+)\)/.exec(pattern)
  return new RegExp(`^(?:${flags === null ? pattern : pattern.slice(flags[0].length)})$`, flags?.[1] ?? '')
}

/** The comparisons, for values of any type. */
export const OPERATORS: Readonly<Record<Comparison, Operator>> = {
  '==': equals,
  '=~': equalsIgnoringCase,
  '>': ordered(order => order > 0, false),
  '>=': ordered(order => order >= 0, true),
  '<': ordered(order => order < 0, false),
  '<=': ordered(order => order <= 0, true),
  contains: contains(
    textual((left, right) => left.includes(right)),
    equals,
  ),
  '~~': contains(
    textual((left, right) => left.toLowerCase().includes(right.toLowerCase())),
    equalsIgnoringCase,
  ),
  startsWith: textual((left, right) => left.startsWith(right)),
  endsWith: textual((left, right) => left.endsWith(right)),
  equals: (left, right, converters) =>
    isMissing(left) || isMissing(right)
      ? isMissing(left) && isMissing(right)
      : renderText(converters, left) === renderText(converters, right),
  regex: textual((left, right) => wholeMatch(right).test(left)),
  in: isIn,
  range: isInRange,
  is: (left, right, converters) => isInstance(left, renderText(converters, right)),
}
