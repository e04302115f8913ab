import type { Expression } from '../../language.ts'
import type { FunctionNode } from '../ast.ts'
import { coercedCompare } from '../coerce.ts'
import type { Scope, SimpleFunction } from '../function.ts'
import { countOf, elementsOf } from '../values.ts'
import { withBody } from '../with-body.ts'
import { argumentOrBody, argumentsOrBody, wholeArgument } from './arguments.ts'

const ANY = Number.POSITIVE_INFINITY

/** What has all its elements at hand gives a list; what makes them one by one is read one by one. */
const lazily = (value: unknown, make: (elements: Iterable<unknown>) => Iterable<unknown>): Iterable<unknown> => {
  const isLazy = typeof value === 'object' && value !== null && 'next' in value
  return isLazy ? make(elementsOf(value)) : [...make(elementsOf(value))]
}

function* groups(elements: Iterable<unknown>, size: number): Iterable<unknown[]> {
  let group: unknown[] = []
  for (const element of elements) {
    group.push(element)
    if (group.length < size) continue
    yield group
    group = []
  }
  if (group.length > 0) yield group
}

function* without(elements: Iterable<unknown>, count: number): Iterable<unknown> {
  let at = 0
  for (const element of elements) if (at++ >= count) yield element
}

/** All arguments, lists among them taken apart, or the elements of the body. */
const ofElements = (name: string, change: (elements: unknown[]) => unknown): SimpleFunction => ({
  usage: `${name}(val...)`,
  args: [0, ANY],
  compile: (node, scope) => {
    const reads = argumentsOrBody(node, scope)
    return exchange => change(reads.flatMap(read => [...elementsOf(read(exchange))]))
  },
})

function compileMap(node: FunctionNode, scope: Scope): Expression {
  const reads = (node.args ?? []).map(({ node: inner }) => scope.compile(inner))
  if (reads.length % 2 !== 0) throw scope.invalid(node.at, 'map takes keys and values in turn; a value is missing')
  return exchange => {
    const entries: [string, unknown][] = []
    for (let at = 0; at < reads.length; at += 2) {
      entries.push([scope.text(reads[at]?.(exchange)), reads[at + 1]?.(exchange)])
    }
    return Object.fromEntries(entries)
  }
}

/** `sort()`, `sort(true)`, `sort(exp)`, `sort(exp,true)`. Numbers by size, texts by letter; missing values come last. */
function compileSort(node: FunctionNode, scope: Scope): Expression {
  const [first] = node.args ?? []
  const isFlagOnly = node.args?.length === 1 && first?.node.kind === 'literal' && typeof first.node.value === 'boolean'
  const read = argumentOrBody(node, isFlagOnly ? ANY : 0, scope)
  const flag = node.args?.[isFlagOnly ? 0 : 1]
  const reverse = flag === undefined ? () => false : scope.compilePredicate(flag.node)
  const { converters } = scope.context
  const isMissing = (value: unknown) => value === null || value === undefined
  return exchange => {
    const direction = reverse(exchange) ? -1 : 1
    return [...elementsOf(read(exchange))].sort((a, b) => {
      if (isMissing(a) || isMissing(b)) return Number(isMissing(a)) - Number(isMissing(b))
      return direction * (coercedCompare(converters, a, b) ?? 0)
    })
  }
}

/** The second argument is worked out with each element as the body. */
function eachElement(
  name: string,
  collect: (element: unknown, result: unknown, into: unknown[]) => void,
): SimpleFunction {
  return {
    usage: `${name}(exp,fun)`,
    args: [2, 2],
    compile: (node, scope) => {
      const [source, each] = node.args ?? []
      if (source === undefined || each === undefined) throw scope.invalid(node.at, `write ${name}(exp,fun)`)
      const read = scope.compile(source.node)
      const work = name === 'filter' ? scope.compilePredicate(each.node) : scope.compile(each.node)
      return exchange => {
        const into: unknown[] = []
        for (const element of elementsOf(read(exchange))) collect(element, withBody(exchange, element, work), into)
        return into
      }
    },
  }
}

/** Lists and maps. */
export const LIST_FUNCTIONS: Readonly<Record<string, SimpleFunction>> = {
  list: {
    usage: 'list(val...)',
    args: [0, ANY],
    compile: (node, scope) => {
      const reads = (node.args ?? []).map(({ node: inner }) => scope.compile(inner))
      return exchange => reads.map(read => read(exchange))
    },
  },
  map: { usage: 'map(key1,value1,...)', args: [0, ANY], compile: compileMap },
  size: {
    usage: 'size(exp)',
    args: [0, 1],
    compile: (node, scope) => {
      const read = argumentOrBody(node, 0, scope)
      return exchange => countOf(read(exchange))
    },
  },
  collate: {
    usage: 'collate(num)',
    args: [1, 1],
    compile: (node, scope) => {
      const size = wholeArgument(node, 0, scope)
      return exchange => {
        const length = size(exchange)
        if (length < 1) throw scope.failed(`groups of ${length} cannot be made`)
        return lazily(exchange.message.body, elements => groups(elements, length))
      }
    },
  },
  skip: {
    usage: 'skip(num)',
    args: [1, 1],
    compile: (node, scope) => {
      const count = wholeArgument(node, 0, scope)
      return exchange => lazily(exchange.message.body, elements => without(elements, count(exchange)))
    },
  },
  distinct: ofElements('distinct', elements => new Set(elements)),
  reverse: ofElements('reverse', elements => elements.reverse()),
  sort: { usage: 'sort(exp,reverse)', args: [0, 2], compile: compileSort },
  filter: eachElement('filter', (element, holds, into) => {
    if (holds === true) into.push(element)
  }),
  forEach: eachElement('forEach', (_, result, into) => into.push(result)),
}
