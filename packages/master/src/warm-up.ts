import { messageOf, type RouteEntry, sleep } from '@dromedary/core/component'
import type { MasterSettings } from './settings.ts'

/**
 * What is slow and not exclusive, before a member competes: one that is not warm would lead and work on nothing for as
 * long as warming takes. Tried again until it succeeds or the signal aborts. Where there is nothing to do it is done at once.
 */
export function warmUp(entry: RouteEntry, settings: MasterSettings, signal: AbortSignal, warm: () => void): void {
  let pending: void | Promise<void>
  try {
    pending = warmOnce(entry, settings, signal)
  } catch (error) {
    pending = Promise.reject(error)
  }
  if (pending === undefined) {
    warm()
    return
  }
  void pending
    .catch(error => tryAgain(entry, settings, signal, error))
    .then(() => {
      if (!signal.aborted) warm()
    })
}

function warmOnce(entry: RouteEntry, settings: MasterSettings, signal: AbortSignal): void | Promise<void> {
  const { routeId } = entry
  const { namespace, delegate, onStandby } = settings
  const pending = [entry.warmUp(signal), delegate.warmUp?.(signal)].filter(one => one !== undefined)
  if (pending.length === 0) return onStandby?.({ routeId, namespace, signal }) ?? undefined
  return Promise.all(pending).then(() => onStandby?.({ routeId, namespace, signal }))
}

/** Logs the first failure and each that differs from the one before. */
async function tryAgain(
  entry: RouteEntry,
  settings: MasterSettings,
  signal: AbortSignal,
  first: unknown,
): Promise<void> {
  const { namespace, backOffDelay } = settings
  let failure = first
  let said: string | undefined
  while (!signal.aborted) {
    const what = messageOf(failure)
    if (what !== said) entry.reportError(failure, `warming up for ${namespace}; trying again every ${backOffDelay} ms`)
    said = what
    if (!(await sleep(entry.clock, backOffDelay, signal))) return
    try {
      await warmOnce(entry, settings, signal)
      entry.log.info(`warm at last, and competing for ${namespace}`)
      return
    } catch (error) {
      failure = error
    }
  }
}
