import type { Socket } from 'node:net'
import type { Clock, ClockTimer } from '@dromedary/core'
import type { Layout } from './layout.ts'
import { codeOf, type LockFs, orMissing } from './lock-fs.ts'
import { type OwnerRecord, parseRecord } from './owner-record.ts'
import { probeHolder } from './sentinel.ts'

const FIRST_RETRY_MS = 2
const LONGEST_RETRY_MS = 500
/** A connection that lasted this long was a real one. */
const LASTING_MS = 1000

/**
 * What one member knows of one holder: when its record last changed, by the member's own monotonic clock, and whether
 * a refused connection has proved its death. Holds a connection, which the kernel closes within milliseconds of it.
 */
export class HolderWatch {
  readonly nonce: string
  /** The term it claimed, once that was read. */
  term: bigint | undefined
  /** Undefined while it is missing or torn: then only time judges. */
  record: OwnerRecord | undefined
  /** When the record was last seen to have changed: after that look. */
  changedAt: number
  /** When it was last looked at: before that look, for a pause in it must not count as silence. */
  lookedAt: number
  /** Proved by a refused connection on the kernel that ran it. */
  dead = false
  /** When the connection was lost. */
  disconnectedAt: number | undefined
  readonly #options: HolderWatchOptions
  #mtime: bigint | undefined
  #connection: Socket | undefined
  #connecting = false
  /** The connection was lost, and nothing has come of it yet. */
  #lost = false
  #retryMs = FIRST_RETRY_MS
  #retry: ClockTimer | undefined
  #closed = false

  constructor(nonce: string, options: HolderWatchOptions) {
    this.nonce = nonce
    this.#options = options
    this.changedAt = options.clock.monotonic()
    this.lookedAt = this.changedAt
  }

  /** Looks at the record; false where it is gone. */
  async look(): Promise<boolean> {
    const { fs, layout, clock } = this.#options
    const path = layout.record(this.nonce)
    if (!this.record) {
      const text = await orMissing(fs.readFile(path).catch(ignoreFolder))
      // Missing may also be where a link leads: the status decides.
      if (text !== undefined) this.record = parseRecord(text)
    }
    this.connect()
    const lookedAt = clock.monotonic()
    const stat = await orMissing(fs.stat(path))
    if (!stat) return false
    this.lookedAt = lookedAt
    if (stat.mtimeNs !== this.#mtime) {
      this.#mtime = stat.mtimeNs
      // Received now, whenever it was sent.
      this.changedAt = clock.monotonic()
    }
    return true
  }

  close(): void {
    this.#closed = true
    this.#retry?.cancel()
    this.#connection?.destroy()
  }

  /** Connects to the holder, unless it is connected, or on another kernel. */
  connect(): void {
    const { host, clock, news } = this.#options
    const record = this.record
    if (!record || record.host !== host || this.#closed || this.dead) return
    // A look comes more often than is worth a connection.
    if (this.#connection || this.#connecting || this.#retry) return
    this.#connecting = true
    void probeHolder(this.#options.fs, record).then(result => {
      this.#connecting = false
      if (result.seen === 'refused') {
        this.dead = true
        this.disconnectedAt ??= clock.monotonic()
        news()
      } else if (result.seen === 'unknown') {
        this.#again()
        // No proof. After a lost connection this is most often a holder that let go: worth one look.
        if (this.#lost) {
          this.#lost = false
          news()
        }
      } else if (this.#closed) {
        result.connection.destroy()
      } else {
        this.#hold(result.connection)
      }
    })
  }

  #hold(connection: Socket): void {
    const { clock } = this.#options
    const since = clock.monotonic()
    this.#connection = connection
    this.disconnectedAt = undefined
    connection.once('close', () => {
      this.#connection = undefined
      if (this.#closed) return
      this.disconnectedAt ??= clock.monotonic()
      this.#lost = true
      if (clock.monotonic() - since >= LASTING_MS) this.#retryMs = FIRST_RETRY_MS
      // Closed is no proof: refused is.
      if (this.#retryMs === FIRST_RETRY_MS) {
        this.#retryMs *= 2
        this.connect()
      } else {
        this.#again()
      }
    })
  }

  #again(): void {
    if (this.#closed || this.#retry) return
    this.#retry = this.#options.clock
      .setTimeout(() => {
        this.#retry = undefined
        this.connect()
      }, this.#retryMs)
      .unref()
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS)
  }
}

export interface HolderWatchOptions {
  readonly fs: LockFs
  readonly clock: Clock
  readonly layout: Layout
  /** {@link hostIdentity} of this member. */
  readonly host: string
  /** Something happened to the holder: look again. */
  readonly news: () => void
}

/** Whatever lies there, time judges it. */
function ignoreFolder(error: unknown): string {
  if (codeOf(error) === 'EISDIR') return ''
  throw error
}
