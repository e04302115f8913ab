import type { Clock } from '@dromedary/core'
import { HolderWatch } from './holder-watch.ts'
import { type Host, thisHost } from './host.ts'
import type { Layout } from './layout.ts'
import type { Ledger, TermEntry } from './ledger.ts'
import { removeRecord } from './lock-adapter.ts'
import { codeOf, type LockFs } from './lock-fs.ts'
import type { OwnerRecord } from './owner-record.ts'
import { probeHolder } from './sentinel.ts'

export const PROCESS_ENDED = 'process ended'

/** A holder whose record is gone although nothing says that it is over. */
interface Missing {
  readonly record: OwnerRecord | undefined
  /** From here on it can have renewed nothing. */
  readonly since: number
}

export interface HoldersOptions {
  readonly fs: LockFs
  readonly clock: Clock
  readonly layout: Layout
  readonly ledger: Ledger
  readonly host: string
  readonly staleMs: number
  readonly news: () => void
  /** A holder's record is gone, or was taken away by this member. */
  readonly ended: (reason: string, at: number) => void
  /** What a refused connection says. Default: by the platform. */
  readonly kernel?: Host
}

/** Who holds the lock, who held it, and what proves that a holder is over. */
export class Holders {
  readonly #options: HoldersOptions
  readonly #watches = new Map<string, HolderWatch>()
  readonly #missing = new Map<string, Missing>()
  /** Of whom this member knows that they are over. */
  readonly #cleared = new Set<string>()
  /** When who is missing was asked whether it lives. */
  readonly #askedAt = new Map<string, number>()

  constructor(options: HoldersOptions) {
    this.#options = options
  }

  /** Those whose record lies in the lock now: none or one, unless people put files there. */
  async look(own: string | undefined): Promise<readonly HolderWatch[]> {
    const names = await this.#names()
    for (const watch of [...this.#watches.values()]) if (!names.includes(watch.nonce)) await this.#vanished(watch)
    const present: HolderWatch[] = []
    for (const name of names) {
      let watch = this.#watches.get(name)
      if (!watch) {
        watch = new HolderWatch(name, this.#options)
        // Its own record is nobody's to watch.
        if (name !== own) this.#watches.set(name, watch)
      }
      if (name === own || (await watch.look())) present.push(watch)
      else await this.#vanished(watch)
    }
    return present
  }

  /** Those of whom a connection has proved their death: nothing needs to be looked at again. */
  get dead(): readonly HolderWatch[] {
    return [...this.#watches.values()].filter(watch => watch.dead)
  }

  /** Why this holder can never be valid again, if anything proves it. */
  judge(watch: HolderWatch): string | undefined {
    if (watch.dead) return PROCESS_ENDED
    return watch.lookedAt - watch.changedAt >= this.#staleMs(watch.record)
      ? staleFor(this.#staleMs(watch.record))
      : undefined
  }

  /** How long until the holder is stale if nothing changes. */
  staleInMs(watch: HolderWatch): number {
    return watch.changedAt + this.#staleMs(watch.record) - this.#options.clock.monotonic()
  }

  /** Takes away the record of a holder that was judged. Names its nonce, so it can come late without harm. */
  async depose(watch: HolderWatch, reason: string): Promise<void> {
    const { fs, layout, ledger } = this.#options
    const marked = ledger.markOver(watch.nonce, reason)
    // A death others can prove for themselves; that time has passed they cannot, and would wait once more.
    if (!watch.dead) await marked
    await removeRecord(fs, layout.lock, layout.record(watch.nonce), false)
    // Only once the mark says so: until then the refused connection is what others go by.
    if (watch.dead && watch.record) void this.#unlinkSocket(watch.record, marked)
    this.#cleared.add(watch.nonce)
    this.#drop(watch)
    this.#ended(watch, reason, watch.changedAt)
  }

  async #unlinkSocket({ socket }: OwnerRecord, marked: Promise<void>): Promise<void> {
    await marked
    await this.#options.fs.unlink(socket).catch(() => {})
  }

  /**
   * For who holds the lock, before it claims a term: which earlier holders may still be valid, because their record was
   * taken away by hand. Marks those of which it can be proved that they are over.
   */
  async uncleared(entries: readonly TermEntry[], own: string, heldSince: number): Promise<readonly string[]> {
    const { clock, ledger } = this.#options
    const earlier = new Map(this.#missing)
    for (const { owner } of entries) {
      const missing = earlier.get(owner.nonce)
      earlier.set(owner.nonce, { record: missing?.record ?? owner, since: missing?.since ?? heldSince })
    }
    for (const nonce of this.#cleared) {
      if (!earlier.delete(nonce)) this.#cleared.delete(nonce)
      this.#missing.delete(nonce)
    }
    earlier.delete(own)
    if (earlier.size === 0) return []
    const over = await ledger.over()
    const uncleared: string[] = []
    for (const [nonce, { record, since }] of earlier) {
      const stale = this.#staleMs(record)
      if (!over.has(nonce)) {
        if (await this.#isDead(nonce, record)) await ledger.markOver(nonce, PROCESS_ENDED)
        else if (clock.monotonic() - since >= stale) await ledger.markOver(nonce, staleFor(stale))
        else {
          uncleared.push(nonce)
          // From then on, also if this member loses the lock and acquires it again.
          this.#missing.set(nonce, { record, since })
          continue
        }
      }
      this.#missing.delete(nonce)
      this.#askedAt.delete(nonce)
      this.#cleared.add(nonce)
    }
    return uncleared
  }

  close(): void {
    for (const watch of [...this.#watches.values()]) this.#drop(watch)
  }

  async #names(): Promise<readonly string[]> {
    const { fs, layout } = this.#options
    try {
      return await fs.readdir(layout.lock)
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return []
      throw error
    }
  }

  async #vanished(watch: HolderWatch): Promise<void> {
    if (!this.#watches.has(watch.nonce)) return
    const { clock, ledger } = this.#options
    const at = clock.monotonic()
    this.#drop(watch)
    const reason = await ledger.reasonOf(watch.nonce)
    if (reason === undefined) this.#missing.set(watch.nonce, { record: watch.record, since: at })
    this.#ended(watch, reason ?? 'record removed', at)
  }

  /** A stranger's file beside a holder's record says nothing about the holder. */
  #ended(watch: HolderWatch, reason: string, at: number): void {
    if (watch.record || this.#watches.size === 0) this.#options.ended(reason, watch.disconnectedAt ?? at)
  }

  #drop(watch: HolderWatch): void {
    this.#watches.delete(watch.nonce)
    watch.close()
  }

  async #isDead(nonce: string, record: OwnerRecord | undefined): Promise<boolean> {
    const { fs, clock, host, kernel = thisHost } = this.#options
    if (record?.host !== host) return false
    const now = clock.monotonic()
    // Asking fills the queue of one that is stopped, where that would then refuse.
    if (kernel.queueRefuses && now - (this.#askedAt.get(nonce) ?? Number.NEGATIVE_INFINITY) < record.updateMs)
      return false
    this.#askedAt.set(nonce, now)
    const result = await probeHolder(fs, record, kernel)
    if (result.seen === 'alive') result.connection.destroy()
    return result.seen === 'refused'
  }

  /** The longer of the two: whoever waits must not judge by less than the holder counts with. */
  #staleMs(record: OwnerRecord | undefined): number {
    return Math.max(record?.staleMs ?? 0, this.#options.staleMs)
  }
}

function staleFor(ms: number): string {
  return `stale after ${(ms / 1000).toFixed(1)} s`
}
