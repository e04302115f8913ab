import { messageOf, type RouteEntry, sleep } from '@dromedary/core/component'
import type { MasterSettings } from './settings.ts'

/**
 * What is slow and not exclusive, before a member competes: one that is not warm would lead and work on nothing for as
 * long as warming takes. Tried again until it succeeds or the signal aborts, and competing as well. Where there is nothing
 * to do it competes at once, and throws what that throws.
 */
export function warmUp(entry: RouteEntry, settings: MasterSettings, signal: AbortSignal, compete: () => void): void {
  const pending = orRejected(() => warmOnce(entry, settings, signal))
  if (pending === undefined) compete()
  else void warmed(entry, settings, signal, pending, compete)
}

/** All of it, once. Throws or rejects with the first failure. */
export function warmOnce(entry: RouteEntry, settings: MasterSettings, signal: AbortSignal): void | Promise<void> {
  const { routeId } = entry
  const { namespace, delegate, onStandby } = settings
  // Both are asked, and none is left unwatched, where the other one throws.
  const asked = [orRejected(() => entry.warmUp(signal)), orRejected(() => delegate.warmUp?.(signal))]
  const pending = asked.filter(one => one !== undefined)
  if (pending.length === 0) return onStandby?.({ routeId, namespace, signal }) ?? undefined
  return Promise.all(pending).then(() => onStandby?.({ routeId, namespace, signal }))
}

function orRejected(work: () => void | Promise<void>): void | Promise<void> {
  try {
    return work()
  } catch (error) {
    return Promise.reject(error)
  }
}

/** Never rejects. Logs the first failure and each that differs from the one before; what has succeeded is not done again. */
async function warmed(
  entry: RouteEntry,
  settings: MasterSettings,
  signal: AbortSignal,
  first: Promise<void>,
  compete: () => void,
): Promise<void> {
  const { namespace, backOffDelay } = settings
  let said: string | undefined
  let isWarm = false
  for (
    let pending: void | Promise<void> = first;
    ;
    pending = isWarm ? undefined : orRejected(() => warmOnce(entry, settings, signal))
  ) {
    try {
      await pending
      isWarm = true
      if (signal.aborted) return
      compete()
      if (said !== undefined) entry.log.info(`warm at last, and competing for ${namespace}`)
      return
    } catch (failure) {
      if (signal.aborted) return
      const what = messageOf(failure)
      const doing = isWarm ? 'competing' : 'warming up'
      if (what !== said) entry.reportError(failure, `${doing} for ${namespace}; trying again every ${backOffDelay} ms`)
      said = what
      if (!(await sleep(entry.clock, backOffDelay, signal))) return
    }
  }
}
