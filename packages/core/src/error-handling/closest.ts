import { type ErrorType, isErrorClass } from '../definition/error-type.ts'
import { messageOf } from '../errors.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { Predicate } from '../language/language.ts'
import type { Logger } from '../logger.ts'
import { CALLED_OFF, isCalledOff } from './called-off.ts'
import { causes } from './causes.ts'

/** A clause that takes failures of some kinds: an `onException`, a `doCatch`. */
export interface Catching {
  /** None: any failure. */
  readonly exception: readonly ErrorType[]
  readonly onWhen: Predicate | undefined
}

/** A code or a function means this failure and no other. */
const NAMED = 0
/** The failure's own class; each class above it is one further away. */
const EXACT = 1
/** Any failure at all: further away than every class. */
const ANY = Number.MAX_VALUE

/**
 * The clause that a failure goes to: one that names it beats one for its own class, that beats a class further up, from
 * the innermost cause to the failure itself. Of two that fit equally well the one in the earlier scope wins, then the one
 * written first.
 */
export function closest<C extends Catching>(
  scopes: readonly (readonly C[])[],
  error: unknown,
  exchange: Exchange,
  log: Logger,
): C | undefined {
  if (scopes.every(clauses => clauses.length === 0)) return undefined
  const isOff = isCalledOff(error)
  const chain = causes(error)
  let best: C | undefined
  let least = Number.POSITIVE_INFINITY
  for (const clauses of scopes) {
    for (const cause of chain) {
      for (const clause of clauses) {
        const distance = distanceTo(clause, cause, isOff, exchange, log)
        if (distance >= least || !holds(clause.onWhen, true, exchange, 'onWhen', log)) continue
        best = clause
        least = distance
      }
      if (least <= EXACT) return best
    }
  }
  return best
}

/** A predicate, or what holds without one. One that throws does not hold: error handling rests on it. */
export function holds(
  predicate: Predicate | undefined,
  otherwise: boolean,
  exchange: Exchange,
  name: string,
  log: Logger,
): boolean {
  if (predicate === undefined) return otherwise
  try {
    return predicate(exchange)
  } catch (error) {
    log.warn(`${name} failed for exchange ${exchange.id}, and counts as false: ${messageOf(error)}`, { error })
    return false
  }
}

function distanceTo(clause: Catching, error: unknown, isOff: boolean, exchange: Exchange, log: Logger): number {
  const { exception } = clause
  let least = exception.length === 0 && !isOff ? ANY : Number.POSITIVE_INFINITY
  for (const type of exception) {
    if (typeof type === 'string') {
      if ((!isOff || CALLED_OFF.has(type)) && codeOf(error) === type) return NAMED
    } else if (isOff) continue
    else if (isErrorClass(type)) least = Math.min(least, levelsUp(error, type.prototype as object))
    else if (holds(() => type(error, exchange) === true, false, exchange, 'the test of a clause', log)) return NAMED
  }
  return least
}

function codeOf(error: unknown): unknown {
  try {
    return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  } catch {
    return undefined
  }
}

/** How far up one of its classes lies. */
function levelsUp(error: unknown, prototype: object): number {
  let levels = EXACT
  for (let at = prototypeOf(error); at !== null; at = prototypeOf(at), levels++) if (at === prototype) return levels
  return Number.POSITIVE_INFINITY
}

function prototypeOf(of: unknown): object | null {
  return (typeof of === 'object' && of !== null) || typeof of === 'function' ? Object.getPrototypeOf(of) : null
}
