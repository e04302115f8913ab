import type { ClockTimer, RouteSource } from '@dromedary/core'
import type { ApplicationOptions } from '../assemble.ts'

/** No mistake: something was saved before a first start was through. */
export const CHANGED_AGAIN = new Error('changed again')

/**
 * The same options to start with, but their routes are waited for only until something is saved: they may await what never
 * comes, such as a module that hangs while it is loaded. `saying` gives a timer that tells of a long wait.
 */
export function untilChanged(
  options: ApplicationOptions,
  changed: Promise<void>,
  saying: () => ClockTimer,
): ApplicationOptions {
  const { routes } = options
  if (typeof routes !== 'function') return options
  return {
    ...options,
    async routes(properties) {
      const long = saying()
      try {
        const made = await Promise.race([routes(properties), changed.then(() => CHANGED_AGAIN)])
        if (made === CHANGED_AGAIN) throw CHANGED_AGAIN
        return made as readonly RouteSource[]
      } finally {
        long.cancel()
      }
    },
  }
}
