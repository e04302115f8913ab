import type { Campaign, ClusterService, Leadership } from '@dromedary/core/cluster'
import { map, type Observable, shareReplay } from 'rxjs'
import type { FaultEvent, Millis } from '../log/events.ts'
import { monotonic } from '../log/events.ts'

/** A leadership that writes down what it said and when. */
export class WatchedLeadership implements Leadership {
  readonly participant: string
  readonly #inner: Leadership
  readonly #write: (event: FaultEvent) => void
  readonly #member: string
  /** When the last yes of isValid() was asked for, as long as no exchange used it up. */
  #yes: Millis | undefined
  #drained = false

  constructor(inner: Leadership, participant: string, member: string, write: (event: FaultEvent) => void) {
    this.#inner = inner
    this.participant = participant
    this.#member = member
    this.#write = write
    this.#onAbort('closing', inner.closing)
    this.#onAbort('ended', inner.ended)
    const at = monotonic()
    if (inner.isValid()) write({ kind: 'valid', at, ...this.#of })
  }

  get #of() {
    const { namespace, participant } = this
    return { member: this.#member, namespace, term: String(this.term), participant }
  }

  #onAbort(kind: 'closing' | 'ended', signal: AbortSignal): void {
    const write = () => {
      const valid = this.#inner.isValid()
      this.#write({ kind, at: monotonic(), ...this.#of, reason: String(signal.reason), valid })
    }
    if (signal.aborted) write()
    else signal.addEventListener('abort', write, { once: true })
  }

  /** To be called by the sink for each exchange it takes. */
  exchange(): void {
    this.#write({ kind: 'exchange', at: this.#yes ?? monotonic(), ...this.#of, asked: this.#yes !== undefined })
    this.#yes = undefined
  }

  renewed(): Promise<boolean> {
    return this.#inner.renewed()
  }

  get namespace(): string {
    return this.#inner.namespace
  }

  get term(): bigint {
    return this.#inner.term
  }

  get closing(): AbortSignal {
    return this.#inner.closing
  }

  get ended(): AbortSignal {
    return this.#inner.ended
  }

  accepts(): boolean {
    return this.#inner.accepts()
  }

  isValid(): boolean {
    // The time comes first: a process that is frozen after the question may send, by the contract's own words.
    const at = monotonic()
    const valid = this.#inner.isValid()
    this.#yes = valid ? at : undefined
    return valid
  }

  remainingMs(): number {
    return this.#inner.remainingMs()
  }

  drained(): void {
    if (!this.#drained) {
      this.#drained = true
      this.#write({ kind: 'drained', at: monotonic(), ...this.#of })
    }
    this.#inner.drained()
  }

  resign(reason: string): void {
    this.#inner.resign(reason)
  }
}

/** A cluster service whose leaderships are watched. */
export interface Watched {
  readonly service: ClusterService
  /** The leadership that `participant` holds or held under this term. */
  find(participant: string, term: bigint | string): WatchedLeadership | undefined
}

/** Puts the watch between a cluster service and whoever uses it. */
export function watched(inner: ClusterService, member: string, write: (event: FaultEvent) => void): Watched {
  const known = new Map<string, WatchedLeadership>()
  const watch = (participant: string, leadership: Leadership): WatchedLeadership => {
    const seen = new WatchedLeadership(leadership, participant, member, write)
    known.set(`${participant} ${leadership.term}`, seen)
    return seen
  }
  const campaign: ClusterService['campaign'] = (namespace, options): Campaign => {
    const campaign = inner.campaign(namespace, options)
    const leadership: Observable<Leadership | undefined> = campaign.leadership.pipe(
      map(now => (now === undefined ? undefined : watch(options.participant, now))),
      shareReplay(1),
    )
    // Subscribed at once and for good: the moment of isValid() counts, not the moment somebody looks.
    leadership.subscribe()
    return { namespace, leadership, [Symbol.asyncDispose]: () => campaign[Symbol.asyncDispose]() }
  }
  return {
    service: {
      id: inner.id,
      self: inner.self,
      start: () => inner.start(),
      stop: options => inner.stop(options),
      observe: namespace => inner.observe(namespace),
      campaign,
    },
    find: (participant, term) => known.get(`${participant} ${term}`),
  }
}
