import { DromedaryError, messageOf, type RouteEntry } from '@dromedary/core/component'
import type { FailureKind, PartitionOffset, TopicPartition } from '../client/port.ts'
import { keyOf } from './keys.ts'

export interface CommitterParts {
  readonly entry: RouteEntry
  /** Where each partition is that belongs to this member now. */
  readonly positions: () => readonly PartitionOffset[]
  readonly commit: (offsets: readonly PartitionOffset[]) => Promise<void>
  readonly kindOf: (error: unknown) => FailureKind
  readonly explain: (error: unknown) => string
}

/** Tells the group how far its partitions are done. One request at a time, so that a later one cannot be overtaken. */
export class Committer {
  readonly #parts: CommitterParts
  /** What the group has, as far as this member knows. */
  readonly #committed = new Map<string, bigint>()
  /** What the route has asked for and the group has not yet. */
  readonly #asked = new Map<string, PartitionOffset>()
  #busy: Promise<void> = Promise.resolve()
  #saidFailure: string | undefined

  constructor(parts: CommitterParts) {
    this.#parts = parts
  }

  /** A partition is new here: this is what the group has of it. */
  begin(place: TopicPartition, offset: bigint | undefined): void {
    if (offset === undefined) this.#committed.delete(keyOf(place))
    else this.#committed.set(keyOf(place), offset)
  }

  /** It belongs to somebody else. */
  forget(place: TopicPartition): void {
    this.#committed.delete(keyOf(place))
    this.#asked.delete(keyOf(place))
  }

  /** Commits what is done. Never rejects: what could not be committed is committed with the next, or is read again. */
  commit(): Promise<void> {
    this.#busy = this.#busy.then(() => this.#send(this.#parts.positions())).catch(error => this.#failed(error))
    return this.#busy
  }

  /** Commits up to an offset because the route says so; what it asks for earlier and later goes together. */
  async manual(place: TopicPartition, next: number): Promise<void> {
    const key = keyOf(place)
    const offset = BigInt(next)
    const isMine = () => this.#parts.positions().some(one => keyOf(one) === key)
    const known = this.#asked.get(key)
    if (known === undefined || known.offset < offset) this.#asked.set(key, { ...place, offset })
    const sent = this.#busy.then(async () => {
      if ((this.#committed.get(key) ?? -1n) >= offset) return
      if (!isMine()) throw notMine(key)
      const asked = [...this.#asked.values()]
      await this.#send(asked)
      for (const one of asked) if (this.#asked.get(keyOf(one)) === one) this.#asked.delete(keyOf(one))
    })
    this.#busy = sent.catch(() => {})
    try {
      await sent
    } catch (error) {
      const why = `${key}@${next - 1} could not be committed: ${this.#parts.explain(error)}`
      throw new DromedaryError('DROMEDARY_KAFKA_COMMIT', why, { cause: error })
    }
  }

  async #send(offsets: readonly PartitionOffset[]): Promise<void> {
    const news = offsets.filter(one => this.#committed.get(keyOf(one)) !== one.offset)
    if (news.length === 0) return
    await this.#parts.commit(news)
    for (const one of news) this.#committed.set(keyOf(one), one.offset)
    if (this.#saidFailure !== undefined) this.#parts.entry.log.info('offsets can be committed again')
    this.#saidFailure = undefined
  }

  #failed(error: unknown): void {
    // The group has moved on: whoever reads the partition next begins at the last commit.
    if (this.#parts.kindOf(error) === 'rejoin') return
    const what = this.#parts.explain(error)
    if (what === this.#saidFailure) return
    this.#saidFailure = what
    this.#parts.entry.log.warn(`offsets could not be committed, and will be later: ${messageOf(what)}`)
  }
}

const notMine = (key: string) =>
  new DromedaryError('DROMEDARY_KAFKA_COMMIT', `${key} belongs to another member now: its records come again there`)
