import type { Endpoint } from '../component/contract.ts'
import type { Sender, SenderCache } from '../eip/eip.ts'
import type { Endpoints } from './endpoints.ts'
import { senderCache } from './sender-cache.ts'
import type { Senders } from './senders.ts'

/** What one route has asked its context for, to be let go of when it is there no more. */
export class RouteHoldings {
  readonly #endpoints: Endpoints
  readonly #senders: Senders
  readonly #taken = new Set<Sender>()
  #releases: (() => unknown)[] = []

  constructor(endpoints: Endpoints, senders: Senders) {
    this.#endpoints = endpoints
    this.#senders = senders
  }

  endpoint(uri: string): Endpoint {
    const endpoint = this.#endpoints.take(uri)
    this.onRelease(() => this.#endpoints.letGo(endpoint))
    return endpoint
  }

  sender(uri: string): Sender {
    const sender = this.#senders.take(uri)
    this.#taken.add(sender)
    this.onRelease(() => this.#senders.letGo(sender))
    return sender
  }

  /** Starts the producers that have not started; rejects with the first failure. */
  async start(signal: AbortSignal): Promise<void> {
    for (const sender of this.#taken) {
      if (signal.aborted) return
      await this.#senders.begin(sender, signal)
    }
  }

  senderCache(size: number): SenderCache {
    const cache = senderCache(this.#senders, size)
    this.onRelease(() => cache.clear())
    return cache
  }

  /** May reject. */
  onRelease(release: () => unknown): void {
    this.#releases.push(release)
  }

  /** Once. Rejects with the first failure, when all has been let go of. */
  async release(): Promise<void> {
    const releases = this.#releases
    this.#releases = []
    const results = await Promise.allSettled(releases.map(async release => release()))
    const failed = results.find(result => result.status === 'rejected')
    if (failed) throw failed.reason
  }
}
