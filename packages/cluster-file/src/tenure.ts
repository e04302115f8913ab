import type { Clock } from '@dromedary/core'
import type { Moment } from '@dromedary/core/cluster'
import type { Layout } from './layout.ts'
import { createLockAdapter, removeRecord } from './lock-adapter.ts'
import { codeOf, type LockFs } from './lock-fs.ts'
import { formatRecord, type OwnerRecord } from './owner-record.ts'
import { openSentinel, type Sentinel, socketFile } from './sentinel.ts'

/** What of proper-lockfile is used. */
export interface LockLibrary {
  lock(
    file: string,
    options: {
      readonly fs: unknown
      readonly stale: number
      readonly update: number
      readonly realpath: false
      readonly lockfilePath: string
      readonly onCompromised: (error: Error) => void
    },
  ): Promise<() => Promise<void>>
}

export interface TenureOptions {
  readonly fs: LockFs
  readonly clock: Clock
  readonly layout: Layout
  readonly library: LockLibrary
  readonly updateMs: number
  /** Everything of the owner record but what the nonce decides. */
  readonly owner: Omit<OwnerRecord, 'nonce' | 'socket' | 'socketFile'>
  /** Whether the term is still renewable; asked before each renewal. */
  mayRenew(tenure: Tenure): boolean
  renewed(tenure: Tenure, sent: Moment): void
  /** A renewal failed; the library tries again. */
  failed(tenure: Tenure, error: unknown): void
  /** The library found that the record is not where it was. */
  compromised(tenure: Tenure): void
  /** Nobody listens for this holder any more: to everybody else it looks dead. */
  unheard(tenure: Tenure): void
  mayRelease(tenure: Tenure): boolean
  /** The process ends; false where the record must stay, because work may be under way. */
  exiting(tenure: Tenure): boolean
}

/**
 * One nonce's life: prepared (it listens, and its owner record is written), held, gone. A nonce holds the lock at most
 * once. Nothing here decides anything about time.
 */
export class Tenure {
  readonly nonce: string
  readonly recordPath: string
  readonly record: OwnerRecord
  readonly #options: TenureOptions
  readonly #sentinel: Sentinel
  /** When the newest acknowledged write was sent; undefined until it holds the lock. */
  sent: Moment | undefined
  /** Set once this tenure can never be valid (again). */
  over = false
  /** Set once it is being given back. */
  givenBack = false
  /** The term under which it leads or led. */
  term: bigint | undefined
  #unlock: (() => Promise<void>) | undefined

  private constructor(nonce: string, options: TenureOptions, sentinel: Sentinel, socketFile: string) {
    this.nonce = nonce
    this.recordPath = options.layout.record(nonce)
    this.record = { ...options.owner, nonce, socket: options.layout.socket(nonce), socketFile }
    this.#options = options
    this.#sentinel = sentinel
  }

  /** Listens first, then writes the record: who sees the record finds somebody listening. */
  static async prepare(options: TenureOptions): Promise<Tenure> {
    const { fs, layout } = options
    const nonce = layout.newNonce()
    let tenure: Tenure | undefined
    const sentinel = await openSentinel(layout.socket(nonce), () => {
      if (tenure) options.unheard(tenure)
    })
    try {
      tenure = new Tenure(nonce, options, sentinel, await socketFile(fs, layout.socket(nonce)))
      await fs.mkdir(layout.prepared(nonce))
      await fs.createFile(`${layout.prepared(nonce)}/${nonce}`, formatRecord(tenure.record))
    } catch (error) {
      sentinel.close()
      if (tenure) await tenure.#removePrepared()
      throw error
    }
    return tenure
  }

  /** Takes the lock, if nobody has it. The library renews from then on. */
  async acquire(): Promise<boolean> {
    const { fs, clock, layout, library, updateMs } = this.#options
    const options = this.#options
    const adapter = createLockAdapter({
      fs,
      clock,
      lock: layout.lock,
      prepared: layout.prepared(this.nonce),
      record: this.recordPath,
      acquired: sent => {
        this.sent = sent
      },
      mayRenew: () => !this.over && options.mayRenew(this),
      renewed: sent => options.renewed(this, sent),
      failed: error => options.failed(this, error),
      mayRelease: () => options.mayRelease(this),
      exiting: () => options.exiting(this),
    })
    try {
      // The library keeps its locks by this first name: a name of our own keeps two members of one process apart.
      this.#unlock = await library.lock(this.recordPath, {
        fs: adapter,
        stale: Number.POSITIVE_INFINITY,
        update: updateMs,
        realpath: false,
        lockfilePath: layout.lock,
        onCompromised: () => options.compromised(this),
      })
      return true
    } catch (error) {
      if (codeOf(error) === 'ELOCKED') return false
      throw error
    }
  }

  /** Whether the record still lies in the lock. */
  async isThere(): Promise<boolean> {
    try {
      await this.#options.fs.stat(this.recordPath)
      return true
    } catch (error) {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return false
      throw error
    }
  }

  /** Takes the record away, if it is still there, and stops listening. Only when nothing of its term is under way. */
  async release(): Promise<void> {
    this.over = true
    const { fs, layout } = this.#options
    try {
      // After a loss the library has let go already, and says so by an error.
      const removed = await this.#unlock?.().then(
        () => true,
        () => false,
      )
      if (!removed) await removeRecord(fs, layout.lock, this.recordPath)
    } finally {
      this.#sentinel.close()
    }
  }

  /** Forgets a preparation that was never used. */
  async discard(): Promise<void> {
    this.over = true
    this.#sentinel.close()
    await this.#removePrepared()
  }

  async #removePrepared(): Promise<void> {
    const { fs, layout } = this.#options
    const folder = layout.prepared(this.nonce)
    await fs.unlink(`${folder}/${this.nonce}`).catch(() => {})
    await fs.rmdir(folder).catch(() => {})
  }
}
