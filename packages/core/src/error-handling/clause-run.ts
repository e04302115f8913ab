import type { OnExceptionDefinition } from '../definition/on-exception.ts'
import { type Exchange, HALT, type Processor } from '../exchange/exchange.ts'
import { isThenable } from '../runtime/thenable.ts'

/** Property with the clauses whose steps an exchange is in. Copies keep it. */
const UNDER_WAY = 'DromedaryOnException'
const NONE: readonly OnExceptionDefinition[] = []

/**
 * A failure that comes out of the steps of a clause, through routes that they call, does not go to that clause again:
 * else it could go round for ever.
 */
export const clausesUnderWay = (exchange: Exchange): readonly OnExceptionDefinition[] =>
  (exchange.getProperty(UNDER_WAY) as readonly OnExceptionDefinition[] | undefined) ?? NONE

/** Whether the steps of a clause, run on an exchange that has failed, ended without a failure of their own. */
export function runClause(
  definition: OnExceptionDefinition,
  steps: Processor,
  exchange: Exchange,
): boolean | Promise<boolean> {
  const before = clausesUnderWay(exchange)
  exchange.setProperty(UNDER_WAY, [...before, definition])
  const { halt } = exchange
  exchange.halt = 0
  const ended = () => {
    exchange.halt |= halt
    if (before.length === 0) exchange.removeProperty(UNDER_WAY)
    else exchange.setProperty(UNDER_WAY, before)
    return (exchange.halt & HALT.exception) === 0
  }
  const running = steps(exchange)
  return isThenable(running) ? Promise.resolve(running).then(ended) : ended()
}
