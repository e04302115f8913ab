import { randomUUID } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '@dromedary/core'
import type { Campaign, ClusterService, ClusterState, Leadership } from '@dromedary/core/cluster'
import { BehaviorSubject, EMPTY, type Observable } from 'rxjs'
import type { ServiceFactory } from '../../src/member/contract.ts'

/** How the planted service is broken; with `marginMs` above 0 and the rest false it is good enough for one scenario. */
export interface NaiveSettings {
  readonly staleMs: number
  readonly updateMs: number
  /** The hard end lies this much before the moment at which others may follow. Negative: a planted split brain. */
  readonly marginMs: number
  /** Answers isValid() with true for ever: a planted invalid exchange. */
  readonly lies?: boolean
  /** Every term is the same: a planted reused term. */
  readonly sameTerm?: boolean
}

interface Record {
  readonly holder: string
  readonly term: string
  readonly renewal: number
}

/** One file, rewritten by the holder, taken over when it stood still: only good enough to plant faults in. */
class NaiveCampaign implements Campaign {
  readonly namespace: string
  readonly leadership = new BehaviorSubject<Leadership | undefined>(undefined)
  readonly #file: string
  readonly #id = randomUUID()
  readonly #clock: Clock
  readonly #settings: NaiveSettings
  readonly #onLease: (term: bigint, end: number) => void
  #seen = ''
  #seenAt = 0
  #current: { readonly term: bigint; end: number; readonly close: () => void } | undefined

  constructor(namespace: string, settings: NaiveSettings, hooks: Parameters<ServiceFactory>[1]) {
    this.namespace = namespace
    this.#file = join(hooks.root, `${namespace}.record`)
    this.#clock = hooks.clock
    this.#settings = settings
    this.#onLease = (term, end) => hooks.onLease({ namespace, term, end })
    this.#round()
  }

  #round = (): void => {
    const now = this.#clock.monotonic()
    const text = this.#read()
    const record = text === '' ? undefined : (JSON.parse(text) as Record)
    if (text !== this.#seen) [this.#seen, this.#seenAt] = [text, now]
    if (this.#current) {
      if (record?.holder === this.#id) this.#renew(now, record)
      else if (!this.#settings.lies) this.#lose()
    } else if (!record || now - this.#seenAt > this.#settings.staleMs) this.#take(now, record)
    this.#clock.setTimeout(this.#round, this.#current ? this.#settings.updateMs : 20)
  }

  #read(): string {
    try {
      return readFileSync(this.#file, 'utf8')
    } catch {
      return ''
    }
  }

  #write(record: Record): void {
    writeFileSync(`${this.#file}.${this.#id}`, JSON.stringify(record))
    renameSync(`${this.#file}.${this.#id}`, this.#file)
  }

  #end(sent: number): number {
    return sent + this.#settings.staleMs - this.#settings.marginMs
  }

  #renew(sent: number, record: Record): void {
    const current = this.#current
    if (!current || sent > current.end) {
      this.#lose()
      return
    }
    this.#write({ ...record, renewal: record.renewal + 1 })
    const end = this.#end(sent)
    this.#onLease(current.term, end)
    current.end = end
  }

  #take(sent: number, before: Record | undefined): void {
    const term = this.#settings.sameTerm ? 1n : BigInt(before?.term ?? 0) + 1n
    this.#write({ holder: this.#id, term: String(term), renewal: 0 })
    const end = this.#end(sent)
    this.#onLease(term, end)
    const controller = new AbortController()
    const current = { term, end, close: () => controller.abort('taken') }
    this.#current = current
    const isValid = () => this.#settings.lies === true || this.#clock.monotonic() < current.end
    this.leadership.next({
      namespace: this.namespace,
      term,
      closing: controller.signal,
      ended: controller.signal,
      accepts: isValid,
      isValid,
      remainingMs: () => Math.max(0, current.end - this.#clock.monotonic()),
      drained: () => {},
      resign: () => {},
      renewed: async () => isValid(),
    })
  }

  #lose(): void {
    const lost = this.#current
    this.#current = undefined
    if (lost) {
      lost.end = 0
      lost.close()
    }
    this.leadership.next(undefined)
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

export const createService: ServiceFactory = (settings, hooks): ClusterService => ({
  id: 'naive',
  self: { id: hooks.id, incarnation: randomUUID() },
  start: async () => {},
  stop: async () => {},
  observe: (): Observable<ClusterState> => EMPTY,
  campaign: namespace => new NaiveCampaign(namespace, settings as unknown as NaiveSettings, hooks),
})
