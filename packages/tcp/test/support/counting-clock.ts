import { type Clock, systemClock } from '@dromedary/core'

/** The machine's clock, which knows how many of its timers are pending. */
export function countingClock(): Clock & { readonly pending: number } {
  const pending = new Set<object>()
  return {
    now: systemClock.now,
    monotonic: systemClock.monotonic,
    get pending() {
      return pending.size
    },
    setTimeout(callback, ms) {
      const timer = systemClock.setTimeout(() => {
        pending.delete(timer)
        callback()
      }, ms)
      pending.add(timer)
      const handle = {
        cancel: () => {
          pending.delete(timer)
          timer.cancel()
        },
        unref: () => {
          timer.unref()
          return handle
        },
      }
      return handle
    },
  }
}
