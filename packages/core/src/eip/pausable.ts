import { type ClockTimer, onAbort } from '../clock.ts'
import { DromedaryError } from '../errors.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { formatDuration } from '../uri/duration.ts'
import type { Eip } from './eip.ts'

/** An exchange that waits for the condition. */
interface Waiting {
  readonly exchange: Exchange
  go(): void
  fail(error: unknown): void
}

/**
 * Pausable: while a condition does not hold, exchanges wait here in order, and the consumer of the route is paused. Those
 * that still wait when the route stops, or must end, fail with `DROMEDARY_INTERRUPTED`. A leader's consumer (`master:`) and one
 * that only routes call (`direct:`) are not paused: the first would give up its leadership, and their callers wait anyway.
 */
export const pausable: Eip<'pausable'> = (step, at) => {
  const { checkInterval } = step
  const holds = at.predicate(step.until)
  /** In order. */
  const waiting = new Set<Waiting>()
  let timer: ClockTimer | undefined
  let since = 0

  const interrupted = (): DromedaryError =>
    new DromedaryError(
      'DROMEDARY_INTERRUPTED',
      `an exchange was called off at ${at.stepId} of route ${at.routeId}: the route ends while it is paused`,
    )

  const look = (): void => {
    timer = undefined
    for (const one of waiting) {
      if (!settled(one)) break
      waiting.delete(one)
    }
    if (waiting.size === 0) goOn()
    else if (at.stopping()) callOff()
    else timer = at.clock.setTimeout(look, checkInterval)
  }

  /** Whether the one that has waited longest need not wait any more. */
  const settled = ({ exchange, go, fail }: Waiting): boolean => {
    try {
      if (!holds(exchange)) return false
      go()
    } catch (error) {
      fail(error)
    }
    return true
  }

  const goOn = (): void => {
    timer?.cancel()
    timer = undefined
    at.log.info(`route ${at.routeId} goes on after a pause of ${formatDuration(at.clock.monotonic() - since)}`)
    at.unpause()
  }

  const callOff = (): void => {
    timer?.cancel()
    timer = undefined
    const all = [...waiting]
    waiting.clear()
    for (const { fail } of all) fail(interrupted())
  }

  const wait = (exchange: Exchange): Promise<void> => {
    if (exchange.signal.aborted) return Promise.reject(interrupted())
    if (waiting.size === 0) {
      since = at.clock.monotonic()
      timer = at.clock.setTimeout(look, checkInterval)
      at.log.warn(`route ${at.routeId} pauses: the condition of ${at.stepId} does not hold`)
    }
    if (exchange.guard === undefined) at.pause()
    return new Promise((resolve, reject) => {
      const forget = onAbort(exchange.signal, () => {
        waiting.delete(own)
        reject(interrupted())
        if (waiting.size === 0) goOn()
      })
      const own: Waiting = {
        exchange,
        go() {
          forget()
          resolve()
        },
        fail(error) {
          forget()
          reject(error)
        },
      }
      waiting.add(own)
    })
  }

  at.service({ stop: callOff })
  // Those that come later wait behind those that wait.
  return exchange => (waiting.size === 0 && holds(exchange) ? undefined : wait(exchange))
}
