import type { Clock, ClockTimer } from '@dromedary/core'
import type { ApiFailure, KubernetesApi, WatchSelector } from './api.ts'
import { KeptWatch } from './kept-watch.ts'
import type { LeaseObject } from './objects.ts'
import { LABEL } from './record.ts'

export interface LeaseFeedOptions {
  readonly api: KubernetesApi
  readonly clock: Clock
  readonly random: () => number
  readonly retryMs: number
  readonly resourceName: string
  /** Whether all Leases of the namespace may be watched: asked once a second one is. */
  readonly mayWatchAll: () => Promise<boolean>
}

const NEVER = Number.NEGATIVE_INFINITY
/** The server did not say whether all may be watched. */
const ASK_AGAIN_MS = 30_000

/** What an election hears of its Lease. */
export interface LeaseListener {
  changed(lease: LeaseObject, askedAt: number): void
  /** It was deleted, or lost its label: to be read. */
  gone(): void
  failed(failure: ApiFailure): void
}

/** What an election holds of the feed. */
export interface Followed {
  /** When the watch last brought anything; -Infinity while there is none. */
  readonly lastSign: number
  /** It has missed changes: opened anew. */
  suspect(): void
  /** The server answers: opened anew if it is not open. */
  nudge(): void
  close(): void
}

/**
 * Watches Leases: one by its name, which needs no right on others; as soon as there are several, all by their label where
 * that is granted, so that the number of watches does not grow with that of namespaces.
 */
export class LeaseFeed {
  readonly #options: LeaseFeedOptions
  readonly #listeners = new Map<string, LeaseListener>()
  readonly #named = new Map<string, KeptWatch<LeaseObject>>()
  #all: KeptWatch<LeaseObject> | undefined
  #asking: Promise<void> | undefined
  #suspectedAll = -1
  #askAgain: ClockTimer | undefined

  constructor(options: LeaseFeedOptions) {
    this.#options = options
  }

  follow(name: string, listener: LeaseListener): Followed {
    this.#listeners.set(name, listener)
    if (!this.#all) this.#named.set(name, this.#watchOne(name))
    if (this.#listeners.size > 1) this.#ask()
    /** The connection of the common watch that was opened because this one missed changes. */
    let suspected = -1
    const watch = () => this.#named.get(name) ?? this.#all
    return {
      get lastSign() {
        return watch()?.lastSign ?? NEVER
      },
      // The common watch says nothing of a Lease without the label, as somebody else makes it: that one gets its own.
      suspect: () => {
        // One that is not open is no liar.
        if ((watch()?.lastSign ?? NEVER) === NEVER) return
        if (this.#named.has(name)) this.#named.get(name)?.restart()
        else if (this.#all && suspected !== this.#all.opens) {
          // Once for each connection, however many elections miss something.
          if (this.#suspectedAll !== this.#all.opens) this.#all.restart()
          this.#suspectedAll = this.#all.opens
          suspected = this.#all.opens
        } else this.#named.set(name, this.#watchOne(name))
      },
      nudge: () => {
        watch()?.nudge()
        if (this.#listeners.size > 1 && !this.#all) this.#ask()
      },
      close: () => {
        this.#listeners.delete(name)
        this.#named.get(name)?.close()
        this.#named.delete(name)
        if (this.#listeners.size > 0) return
        this.#all?.close()
        this.#all = undefined
        this.#asking = undefined
        this.#askAgain?.cancel()
      },
    }
  }

  #ask(): void {
    if (this.#asking) return
    const asking = this.#options.mayWatchAll().then(
      may => {
        if (!may || this.#asking !== asking) return
        if (this.#listeners.size < 2) {
          this.#asking = undefined
          return
        }
        this.#all = this.#watchAll()
        for (const watch of this.#named.values()) watch.close()
        this.#named.clear()
      },
      () => {
        if (this.#asking !== asking) return
        // Not before a while has passed, however many elections would like to know.
        const again = () => {
          this.#asking = undefined
        }
        this.#askAgain = this.#options.clock.setTimeout(again, ASK_AGAIN_MS).unref()
      },
    )
    this.#asking = asking
  }

  #watchOne(name: string): KeptWatch<LeaseObject> {
    return this.#watch({ name }, failure => this.#listeners.get(name)?.failed(failure))
  }

  #watchAll(): KeptWatch<LeaseObject> {
    return this.#watch({ label: `${LABEL.cluster}=${this.#options.resourceName}` }, failure => {
      if (failure.status === 403) this.#backToOne()
      for (const listener of [...this.#listeners.values()]) listener.failed(failure)
    })
  }

  /** The right was taken away. */
  #backToOne(): void {
    this.#all?.close()
    this.#all = undefined
    for (const name of this.#listeners.keys()) if (!this.#named.has(name)) this.#named.set(name, this.#watchOne(name))
  }

  #watch(selector: WatchSelector, failed: (failure: ApiFailure) => void): KeptWatch<LeaseObject> {
    const { api, clock, random, retryMs } = this.#options
    return new KeptWatch<LeaseObject>({
      clock,
      random,
      retryMs,
      open: listener => api.watchLeases(selector, listener),
      event: (type, lease, askedAt) => {
        const listener = this.#listeners.get(lease.metadata.name)
        if (type === 'DELETED') listener?.gone()
        else listener?.changed(lease, askedAt)
      },
      failed,
    })
  }
}
