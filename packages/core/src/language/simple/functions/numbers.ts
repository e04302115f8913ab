import type { Exchange } from '../../../exchange/exchange.ts'
import type { FunctionNode } from '../ast.ts'
import type { Scope, SimpleFunction } from '../function.ts'
import { elementsOf } from '../values.ts'
import { argumentsOrBody, wholeArgument } from './arguments.ts'

const ANY = Number.POSITIVE_INFINITY

/** All arguments, lists among them taken apart, or the elements of the body. */
function numbersOf(node: FunctionNode, scope: Scope): (exchange: Exchange) => number[] {
  const reads = argumentsOrBody(node, scope)
  return exchange => reads.flatMap(read => Array.from(elementsOf(read(exchange)), element => scope.number(element)))
}

const ofNumbers = (name: string, combine: (numbers: number[]) => number | undefined): SimpleFunction => ({
  usage: `${name}(val...)`,
  args: [0, ANY],
  compile: (node, scope) => {
    const numbers = numbersOf(node, scope)
    return exchange => combine(numbers(exchange))
  },
})

const extreme = (better: (a: number, b: number) => number) => (numbers: number[]) =>
  numbers.length === 0 ? undefined : numbers.reduce(better)

/** Longer lists are refused: they would be made at one go. */
const LONGEST_RANGE = 1_000_000

/** Arithmetic over several values. Fractions count, unlike in Camel. */
export const NUMBER_FUNCTIONS: Readonly<Record<string, SimpleFunction>> = {
  sum: ofNumbers('sum', numbers => numbers.reduce((total, number) => total + number, 0)),
  min: ofNumbers(
    'min',
    extreme((a, b) => Math.min(a, b)),
  ),
  max: ofNumbers(
    'max',
    extreme((a, b) => Math.max(a, b)),
  ),
  range: {
    usage: 'range(max) or range(min,max)',
    args: [1, 2],
    compile: (node, scope) => {
      const hasLeast = node.args?.length === 2
      const least = wholeArgument(node, 0, scope)
      const most = hasLeast ? wholeArgument(node, 1, scope) : least
      return exchange => {
        const from = hasLeast ? least(exchange) : 0
        const length = Math.max(0, most(exchange) - from)
        if (length > LONGEST_RANGE) throw scope.failed(`a range of ${length} numbers is longer than ${LONGEST_RANGE}`)
        return Array.from({ length }, (_, at) => from + at)
      }
    },
  },
}
