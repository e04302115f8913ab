import { isDeepStrictEqual } from 'node:util'
import { messageOf } from '../../errors.ts'
import type { Exchange } from '../../exchange/exchange.ts'
import { sameValue } from './same-value.ts'
import { showShort } from './show-short.ts'

/** One thing that a mock endpoint is to receive. A new one is made for each use: it remembers what it has seen. */
export interface Expectation {
  /** Called once for each message, in order, from 0: what is wrong with it, which no later message can mend. */
  see?(exchange: Exchange, at: number): string | undefined
  /** What is not as expected right now; undefined when all is well. */
  unmet?(received: readonly Exchange[], count: number): string | undefined
}

/** Takes a value from an exchange: `exchange => exchange.body`. */
export type ExchangeValue = (exchange: Exchange) => unknown

/** Exactly, or at least, so many messages. */
export function countOf(expected: number, atLeast = false): Expectation {
  const wanted = `${atLeast ? 'at least ' : ''}${expected} message${expected === 1 ? '' : 's'}`
  return {
    see: (_, at) => (!atLeast && at >= expected ? `expected ${wanted}, but more came` : undefined),
    unmet: (_, count) =>
      count < expected || (!atLeast && count > expected) ? `expected ${wanted}, but ${count} came` : undefined,
  }
}

/** These bodies, in this order. */
export function bodiesInOrder(bodies: readonly unknown[]): Expectation {
  return {
    see: ({ body, services }, at) =>
      at >= bodies.length || sameValue(bodies[at], body, services.converters)
        ? undefined
        : `expected body ${showShort(bodies[at])} in message ${at + 1}, but it was ${showShort(body)}`,
  }
}

/** These bodies, each once. */
export function bodiesInAnyOrder(bodies: readonly unknown[]): Expectation {
  const open = [...bodies]
  let strangers = 0
  return {
    see: ({ body, services }, at) => {
      const found = open.findIndex(expected => sameValue(expected, body, services.converters))
      if (found >= 0) {
        open.splice(found, 1)
        return
      }
      strangers++
      return `body ${showShort(body)} of message ${at + 1} is none of those that were expected and had not come yet`
    },
    unmet: () =>
      strangers > 0 || open.length === 0
        ? undefined
        : `expected bodies that did not come: ${open.map(showShort).join(', ')}`,
  }
}

/** This value in each message; undefined and null are met by a missing one as well. */
export function eachWith(what: string, value: ExchangeValue, expected: unknown): Expectation {
  return {
    see: (exchange, at) => {
      const actual = value(exchange)
      if (sameValue(expected, actual, exchange.services.converters)) return undefined
      return `expected ${what} ${showShort(expected)} in message ${at + 1}, but it was ${showShort(actual)}`
    },
  }
}

/** No value twice. Objects are compared by what they hold. */
export function noDuplicates(value: ExchangeValue): Expectation {
  const plain = new Map<unknown, number>()
  const objects: { readonly value: object; readonly at: number }[] = []
  const before = (actual: unknown) =>
    isObject(actual) ? objects.find(other => isDeepStrictEqual(other.value, actual))?.at : plain.get(actual)
  return {
    see: (exchange, at) => {
      const actual = value(exchange)
      const first = before(actual)
      if (first !== undefined) {
        return `expected no duplicates, but messages ${first + 1} and ${at + 1} both have ${showShort(actual)}`
      }
      if (isObject(actual)) objects.push({ value: actual, at })
      else plain.set(actual, at)
    },
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** Each value greater (or smaller) than the one before; equal ones are out of order, as in Camel. */
export function ordered(direction: 'ascending' | 'descending', value: ExchangeValue): Expectation {
  let before: unknown
  return {
    see: (exchange, at) => {
      const previous = before
      before = value(exchange)
      if (at === 0) return undefined
      const inOrder = direction === 'ascending' ? isLess(previous, before) : isLess(before, previous)
      if (inOrder) return undefined
      return `expected ${direction} values, but ${showShort(before)} in message ${at + 1} follows ${showShort(previous)}`
    },
  }
}

/** Numbers, big numbers, texts and dates; whatever else is never less. */
function isLess(a: unknown, b: unknown): boolean {
  return (a as number) < (b as number)
}

/** What a test says of all messages; it holds unless it returns false or throws. */
export function holds(predicate: (received: readonly Exchange[]) => unknown): Expectation {
  return {
    unmet: received => {
      try {
        const answer = predicate(received)
        // A promise would count as true, whatever it comes to.
        if (answer instanceof Promise) return 'the predicate given to expects() must answer at once, not by a promise'
        return answer === false ? 'the predicate given to expects() does not hold' : undefined
      } catch (error) {
        return messageOf(error)
      }
    },
  }
}
