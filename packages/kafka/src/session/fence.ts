import { DromedaryError, isDromedaryError } from '@dromedary/core/component'
import type { KafkaRecord } from '../client/port.ts'
import { decodeKept, encodeKept, type Kept, NOTHING_KEPT, newerPosition, partitionOf } from './kept.ts'
import type { TransactionalProducer } from './port.ts'
import type { SessionPlace, SessionSettings } from './settings.ts'
import type { Standing } from './standing.ts'

/** How a term is made the only one that writes: initialise, read whose term wrote last, compare, claim. */
export class Fence {
  /** Of this member; 0 outside a cluster. */
  readonly term: bigint
  readonly #settings: SessionSettings
  readonly #place: SessionPlace
  readonly #standing: Standing
  readonly #formerIds: readonly string[]

  constructor(settings: SessionSettings, place: SessionPlace, standing: Standing) {
    this.#settings = settings
    this.#place = place
    this.#standing = standing
    this.#formerIds = [...new Set(settings.fences)].filter(id => id !== settings.transactionalId)
    this.term = place.leadership?.term ?? 0n
  }

  /**
   * Gives what is kept, under this term. The producer has a transaction begun. `known`: what this session has kept, after
   * its claim. Throws `DROMEDARY_NOT_LEADER` when a higher term has written, and `DROMEDARY_FENCED` when another session
   * of this term has.
   *
   * A zombie of an earlier version knows its former id alone. So that id is claimed as well, by a producer of its own: an
   * initialisation of the zombie makes this claim fail if it comes before it, and finds it if it comes later.
   */
  async raise(producer: TransactionalProducer, known: Kept | undefined): Promise<Kept> {
    const producers = new Map<string, TransactionalProducer>()
    try {
      if (!known) for (const id of this.#formerIds) producers.set(id, this.producer(id))
      producers.set(this.#settings.transactionalId, producer)
      for (const each of producers.values()) {
        this.#standing.check()
        await each.begin()
      }
      this.#standing.check()
      return await this.#claim(producers, known)
    } finally {
      producers.delete(this.#settings.transactionalId)
      for (const each of producers.values()) void each.close().catch(() => {})
    }
  }

  /** One whose initialisation is repeated only while no higher term has claimed: whoever has is fenced once at most. */
  producer(id: string): TransactionalProducer {
    return this.#place.transactions.producer(id, () => this.#mayRepeat())
  }

  async #mayRepeat(): Promise<void> {
    try {
      for (const id of [this.#settings.transactionalId, ...this.#formerIds]) {
        const { term } = await this.#newest(id, false)
        if (term > this.term) throw this.#outrun(term)
      }
    } catch (error) {
      // What cannot be read now, or is hidden by an open transaction, is read after the initialisation.
      if (isDromedaryError(error)) throw error
    }
  }

  async #claim(producers: ReadonlyMap<string, TransactionalProducer>, known: Kept | undefined): Promise<Kept> {
    const { transactionalId } = this.#settings
    const { writer } = this.#place
    const own = await this.#newest(transactionalId)
    let newest = own
    let { term } = own
    for (const id of this.#formerIds) {
      const former = await this.#newest(id)
      newest = newerPosition(newest, former)
      if (former.term > term) term = former.term
    }
    if (term > this.term) throw this.#outrun(term)
    if (own.writer === writer) return own
    if (known && own.term === this.term && own.writer !== '') throw this.#shared()
    // What this session has kept is newer than what a topic holds that was lost meanwhile.
    const { position, origin } = known ?? newest
    const claim = { term: this.term, writer, batch: known?.batch ?? 0, position, origin }
    // Its own comes last: once it is there, so are the others.
    for (const [id, producer] of producers) {
      const record = await this.#record(id, claim)
      this.#standing.check()
      // What is kept there was read up to the end.
      await producer.send([record], true)
      this.#standing.check()
      await producer.commit()
    }
    return claim
  }

  /** What is written in the transaction that it describes. */
  record(kept: Kept): Promise<KafkaRecord> {
    return this.#record(this.#settings.transactionalId, kept)
  }

  async #record(id: string, kept: Kept): Promise<KafkaRecord> {
    const { positions } = this.#settings
    return {
      topic: positions,
      partition: partitionOf(id, await this.#place.positions.partitions(positions, this.#standing.signal)),
      key: Buffer.from(id),
      value: encodeKept(kept),
      headers: [['DromedaryClusterTerm', Buffer.from(String(kept.term))]],
    }
  }

  /** What was kept last under an id. Where the number of partitions has grown there may be several, of several terms. */
  async #newest(id: string, isPatient = true): Promise<Kept> {
    const { positions: topic } = this.#settings
    let newest = NOTHING_KEPT
    for (const value of await this.#place.positions.newest(topic, id, this.#standing.signal, isPatient)) {
      const kept = decodeKept(value, id, topic)
      if (kept.term > newest.term || newest === NOTHING_KEPT) newest = kept
    }
    this.#standing.check()
    return newest
  }

  #outrun(term: bigint): DromedaryError {
    const { transactionalId } = this.#settings
    return new DromedaryError(
      'DROMEDARY_NOT_LEADER',
      `term ${term} has written under ${transactionalId}: this member, of term ${this.term}, is not its leader`,
    )
  }

  #shared(): DromedaryError {
    const { transactionalId } = this.#settings
    return new DromedaryError(
      'DROMEDARY_FENCED',
      this.#place.leadership
        ? `something else of term ${this.term} writes under ${transactionalId}: let all kafka: endpoints of the route have the same settings of the connection`
        : `another process writes under ${transactionalId}, and began later: this one writes no more. Give each process a transactionalId of its own`,
    )
  }
}
