import type { Clock } from '@dromedary/core'
import { DromedaryError } from '@dromedary/core'

/** What is written down about a namespace. */
export interface MemoryRecord {
  /** Name of the holder, for people. Empty: nobody. */
  readonly holder: string
  /** Incarnation of the holder. Empty: nobody. */
  readonly incarnation: string
  readonly term: bigint
  readonly leaseMs: number
  /** Why the term before this one ended, as the acquiring member saw it. */
  readonly lastReason?: string
  /** Only with this mark may an empty record be taken at once. */
  readonly released?: { readonly term: bigint; readonly reason: string }
}

export interface StoredRecord {
  readonly version: number
  readonly record: MemoryRecord
}

/** What goes wrong with the store; change the fields at any time. One for everybody, and one per member. */
export interface StoreFaults {
  /** Each request is refused with an error. Default false. */
  refuse: boolean
  /** Added to each request on its way there, milliseconds. Default 0. */
  delayMs: number
  /** So many of the next writes are done, and their answers get lost. Default 0. */
  loseWriteAnswers: number
  /** Nothing gets through, in either direction. Default false. */
  cutOff: boolean
}

export const noFaults = (): StoreFaults => ({ refuse: false, delayMs: 0, loseWriteAnswers: 0, cutOff: false })

/** Who asks: answers and events reach a member by its own clock, so that a frozen member receives none. */
export interface StoreClient {
  readonly clock: Clock
  readonly faults: StoreFaults
  readonly requestTimeoutMs: number
  changed(namespace: string, stored: StoredRecord | undefined): void
}

/** The storage that the members of an in-memory cluster share: versioned records, compare-and-set, change events. */
export class MemoryStore {
  /** For everybody. */
  readonly faults: StoreFaults = noFaults()
  readonly #clock: Clock
  readonly #latencyMs: number
  readonly #records = new Map<string, StoredRecord>()
  readonly #clients = new Set<StoreClient>()
  #version = 0

  constructor(clock: Clock, latencyMs: number) {
    this.#clock = clock
    this.#latencyMs = latencyMs
  }

  /** The record as it is, at once and whatever the faults. */
  peek(namespace: string): StoredRecord | undefined {
    return this.#records.get(namespace)
  }

  /** Changes the record by hand, as somebody with rights on the storage could; undefined deletes it. */
  tamper(namespace: string, record: MemoryRecord | undefined): void {
    this.#put(namespace, record)
  }

  connect(client: StoreClient): void {
    this.#clients.add(client)
  }

  disconnect(client: StoreClient): void {
    this.#clients.delete(client)
  }

  /** Rejects with `DROMEDARY_CLUSTER_BACKEND`. */
  read(client: StoreClient, namespace: string): Promise<StoredRecord | undefined> {
    return this.#request(client, false, () => this.#records.get(namespace))
  }

  /**
   * Writes if the version is still `expected` (undefined: if there is no record); the stored record, or undefined for
   * a lost race. Rejects with `DROMEDARY_CLUSTER_BACKEND`; it may have been written all the same.
   */
  write(
    client: StoreClient,
    namespace: string,
    expected: number | undefined,
    record: MemoryRecord,
  ): Promise<StoredRecord | undefined> {
    return this.#request(client, true, () => {
      if (this.#records.get(namespace)?.version !== expected) return undefined
      return this.#put(namespace, record)
    })
  }

  #put(namespace: string, record: MemoryRecord | undefined): StoredRecord | undefined {
    const stored = record && { version: ++this.#version, record }
    if (stored) this.#records.set(namespace, stored)
    else this.#records.delete(namespace)
    for (const client of this.#clients) {
      if (this.#cutOff(client)) continue
      client.clock.setTimeout(() => {
        if (this.#clients.has(client)) client.changed(namespace, stored)
      }, this.#latencyMs / 2)
    }
    return stored
  }

  #cutOff(client: StoreClient): boolean {
    return this.faults.cutOff || client.faults.cutOff
  }

  #request<T>(client: StoreClient, writes: boolean, apply: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const timeOut = client.clock.setTimeout(
        () => reject(backendError(`no answer within ${client.requestTimeoutMs} ms`)),
        client.requestTimeoutMs,
      )
      const answer = (give: () => void) => {
        client.clock.setTimeout(() => {
          timeOut.cancel()
          give()
        }, this.#latencyMs / 2)
      }
      const arrive = () => {
        if (this.#cutOff(client)) return
        if (this.faults.refuse || client.faults.refuse) return answer(() => reject(backendError('request refused')))
        const result = apply()
        if (!writes || !this.#losesAnswer(client)) answer(() => resolve(result))
      }
      if (this.#cutOff(client)) return
      this.#clock.setTimeout(arrive, this.#latencyMs / 2 + this.faults.delayMs + client.faults.delayMs)
    })
  }

  #losesAnswer(client: StoreClient): boolean {
    const faults = client.faults.loseWriteAnswers > 0 ? client.faults : this.faults
    if (faults.loseWriteAnswers === 0) return false
    faults.loseWriteAnswers--
    return true
  }
}

function backendError(what: string): DromedaryError {
  return new DromedaryError('DROMEDARY_CLUSTER_BACKEND', `The in-memory store cannot be used: ${what}.`)
}
