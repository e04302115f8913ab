import type { Clock } from '@dromedary/core'
import type { Campaign, CampaignOptions, ClusterService, Leadership, LossReason } from '@dromedary/core/cluster'
import { map } from 'rxjs/internal/operators/map'

/** A member that had work of an ended term under way. */
export interface Overrun {
  readonly namespace: string
  readonly term: bigint
  readonly participant: string
}

/**
 * How long after the hard end the work of a term may still be winding up. Its sends are refused by then; this is for
 * handlers that hear their abort signal, and for closing the delegate.
 */
export const OVERRUN_GRACE_MS = 1_000

/**
 * Called once for each term of a participant that has not drained in time; what it returns, when that one has drained after
 * all.
 */
export type OnOverrun = (overrun: Overrun) => (() => void) | undefined

/** The same cluster service, whose overruns are told. */
export function watchOverruns(service: ClusterService, clock: Clock, onOverrun: OnOverrun): ClusterService {
  return {
    id: service.id,
    self: service.self,
    start: () => service.start(),
    stop: options => service.stop(options),
    observe: namespace => service.observe(namespace),
    campaign: (namespace, options) => watchCampaign(service.campaign(namespace, options), options, clock, onOverrun),
  }
}

function watchCampaign(
  campaign: Campaign,
  { participant }: CampaignOptions,
  clock: Clock,
  onOverrun: OnOverrun,
): Campaign {
  // One object per term and participant, also for those who subscribe twice.
  const watched = new WeakMap<Leadership, Leadership>()
  const watch = (leadership: Leadership | undefined) => {
    if (leadership === undefined) return undefined
    let known = watched.get(leadership)
    if (known === undefined) {
      const { namespace, term } = leadership
      known = new WatchedLeadership(leadership, clock, () => onOverrun({ namespace, term, participant }))
      watched.set(leadership, known)
    }
    return known
  }
  return {
    namespace: campaign.namespace,
    leadership: campaign.leadership.pipe(map(watch)),
    [Symbol.asyncDispose]: () => campaign[Symbol.asyncDispose](),
  }
}

class WatchedLeadership implements Leadership {
  readonly namespace: string
  readonly term: bigint
  readonly closing: AbortSignal
  readonly ended: AbortSignal
  readonly renewAgeMs?: () => number
  readonly #inner: Leadership
  #drained = false
  #onceOver: (() => void) | undefined

  constructor(inner: Leadership, clock: Clock, overrun: () => (() => void) | undefined) {
    this.#inner = inner
    this.namespace = inner.namespace
    this.term = inner.term
    this.closing = inner.closing
    this.ended = inner.ended
    if (inner.renewAgeMs) this.renewAgeMs = () => inner.renewAgeMs?.() as number
    const ended = () => {
      // A route that was stopped with work under way: somebody asked for it, and the term may go on for other routes.
      if (inner.ended.reason === ('stopped' satisfies LossReason)) return
      if (this.#drained) return
      const late = () => {
        if (!this.#drained) this.#onceOver = overrun()
      }
      clock.setTimeout(late, OVERRUN_GRACE_MS).unref()
    }
    if (inner.ended.aborted) ended()
    else inner.ended.addEventListener('abort', ended, { once: true })
  }

  accepts(): boolean {
    return this.#inner.accepts()
  }

  isValid(): boolean {
    return this.#inner.isValid()
  }

  remainingMs(): number {
    return this.#inner.remainingMs()
  }

  drained(): void {
    this.#drained = true
    this.#onceOver?.()
    this.#onceOver = undefined
    this.#inner.drained()
  }

  resign(reason: string): void {
    this.#inner.resign(reason)
  }

  renewed(): Promise<boolean> {
    return this.#inner.renewed()
  }
}
