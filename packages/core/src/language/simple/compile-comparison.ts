import { messageOf } from '../../errors.ts'
import type { Predicate } from '../language.ts'
import type { Node } from './ast.ts'
import { coercedEquals } from './coerce.ts'
import type { Scope } from './function.ts'
import { isBetween, OPERATORS, parseRangeText, wholeMatch } from './operators.ts'

type Compare = Extract<Node, { kind: 'compare' }>
/** What is asked of the left side when the right side never changes. */
type Test = (left: unknown) => boolean

/** A comparison with a literal asks the common type first, and falls back to the rules for all types. */
export function compileComparison(node: Compare, scope: Scope): Predicate {
  const predicate = compileDirect(node, scope) ?? compileGeneral(node, scope)
  return node.negated ? exchange => !predicate(exchange) : predicate
}

/** `${header.x} == 'text'` and `${body} contains 'text'`, the two that stand in most filters, as one closure each. */
function compileDirect({ operator, left, right }: Compare, scope: Scope): Predicate | undefined {
  if (left.kind !== 'function' || left.args !== undefined || right.kind !== 'literal') return undefined
  const { converters } = scope.context
  const { value } = right
  if (typeof value !== 'string') return undefined
  const [key] = left.path
  if (
    operator === '==' &&
    left.name === 'header' &&
    left.path.length === 1 &&
    !isDigits(value) &&
    key?.kind === 'member'
  ) {
    const { name } = key
    if (key.call) return undefined
    return exchange => {
      const header = exchange.message.header(name)
      return typeof header === 'string' ? header === value : coercedEquals(converters, header, value)
    }
  }
  if (operator === 'contains' && left.name === 'body' && left.path.length === 0) {
    const general = OPERATORS.contains
    return exchange => {
      const { body } = exchange.message
      return typeof body === 'string' ? body.includes(value) : general(body, value, converters)
    }
  }
  return undefined
}

function compileGeneral({ operator, left, right }: Compare, scope: Scope): Predicate {
  const readLeft = scope.compile(left)
  if (right.kind === 'literal') {
    const test = literalTest(operator, right, scope)
    return exchange => test(readLeft(exchange))
  }
  const readRight = scope.compile(right)
  const { converters } = scope.context
  const compare = OPERATORS[operator]
  if (operator !== 'regex' && operator !== 'range') {
    return exchange => compare(readLeft(exchange), readRight(exchange), converters)
  }
  return exchange => {
    const value = readLeft(exchange)
    const pattern = readRight(exchange)
    try {
      return compare(value, pattern, converters)
    } catch (cause) {
      throw scope.failed(messageOf(cause), cause)
    }
  }
}

const isDigits = (text: string): boolean => /^\d+$/.test(text)

function literalTest(operator: Compare['operator'], right: Extract<Node, { kind: 'literal' }>, scope: Scope): Test {
  const { converters } = scope.context
  const { value } = right
  const compare = OPERATORS[operator]
  const general: Test = left => compare(left, value, converters)
  if (operator === 'regex') return regexTest(right, scope)
  if (operator === 'range') {
    const range = parseRangeText(scope.text(value))
    if (range === undefined) throw scope.invalid(right.at, 'a range is written from..to, such as 100..199')
    return left => isBetween(left, range, converters)
  }
  if (operator === 'in' && typeof value === 'string') {
    const members = value.split(',')
    return left => {
      for (const member of members) if (coercedEquals(converters, left, member)) return true
      return false
    }
  }
  if (operator === '==') {
    if (value === null) return left => left === null || left === undefined
    const isPlain = typeof value !== 'string' || !isDigits(value)
    const type = typeof value
    return isPlain ? left => (typeof left === type ? left === value : general(left)) : general
  }
  return typeof value === 'number' ? numberTest(operator, value, general) : general
}

function numberTest(operator: Compare['operator'], value: number, general: Test): Test {
  switch (operator) {
    case '>':
      return left => (typeof left === 'number' ? left > value : general(left))
    case '>=':
      return left => (typeof left === 'number' ? left >= value : general(left))
    case '<':
      return left => (typeof left === 'number' ? left < value : general(left))
    case '<=':
      return left => (typeof left === 'number' ? left <= value : general(left))
    default:
      return general
  }
}

function regexTest(right: Extract<Node, { kind: 'literal' }>, scope: Scope): Test {
  const { converters } = scope.context
  let pattern: RegExp
  try {
    pattern = wholeMatch(scope.text(right.value))
  } catch (cause) {
    throw scope.invalid(right.at, messageOf(cause))
  }
  return left => {
    if (left === null || left === undefined) return false
    return pattern.test(typeof left === 'string' ? left : (converters.convert(left, 'string') ?? ''))
  }
}
