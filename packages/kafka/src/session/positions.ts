import { type Clock, DromedaryError, sleep } from '@dromedary/core/component'
import type { PortReader } from '../client/port.ts'
import { partitionOf } from './kept.ts'
import type { Transactions } from './port.ts'

/** Offsets of the first window that is read, counted back from the end; doubled until the key is found. */
const WINDOW = 256n
const BYTES = 1_048_576
const WAIT_MS = 100
/** Between two looks at what an open transaction still hides, and after an answer that brought nothing. */
const LOOK_MS = 10
/** So long an open transaction is waited for before it is said. */
const HIDDEN_MS = 5_000
/** Until a new topic is to be seen: about three seconds. */
const ATTEMPTS = 60
const ATTEMPT_MS = 50
/** A broker that throttles answers with nothing; only after so many in a row there is nothing. */
const EMPTY_ANSWERS = 10

/** The topics of positions, as far as sessions read them: without a group, from the end. */
export class Positions {
  readonly #transactions: Transactions
  readonly #reader: () => Promise<PortReader>
  readonly #clock: Clock
  readonly #there = new Set<string>()
  #open: Promise<PortReader> | undefined
  #turn: Promise<unknown> = Promise.resolve()

  constructor(transactions: Transactions, reader: () => Promise<PortReader>, clock: Clock) {
    this.#transactions = transactions
    this.#reader = reader
    this.#clock = clock
  }

  /** What is slow and any member may do: imports, connections, metadata; makes the topic where it is missing. */
  async warmUp(topic: string, others: readonly string[], signal?: AbortSignal): Promise<void> {
    await this.#transactions.warmUp()
    await this.partitions(topic, signal)
    for (const each of others) await this.#ask(signal, reader => reader.partitions(each))
  }

  /** How many the topic has. It is made if it is missing, and looked at once. */
  async partitions(topic: string, signal?: AbortSignal): Promise<number> {
    const count = await this.#ask(signal, reader => reader.partitions(topic))
    if (count > 0 && this.#there.has(topic)) return count
    this.#there.delete(topic)
    if (count > 0) await this.#checkPolicy(topic)
    else await this.#transactions.makePositions(topic)
    const partitions = count > 0 ? count : await this.#visible(topic, signal)
    this.#there.add(topic)
    return partitions
  }

  /**
   * The newest committed record of the key, or none; where the number of partitions has grown, one of each that has any.
   * Waits until no transaction that was open when it was called hides a newer one: the predecessor's was ended by the
   * initialisation, others end in their own time. Or, where that `isPatient` is false, of what none hides.
   */
  async newest(topic: string, key: string, signal: AbortSignal, isPatient = true): Promise<Buffer[]> {
    const partitions = await this.partitions(topic, signal)
    const own = partitionOf(key, partitions)
    const found = await this.#newest(topic, own, key, signal, isPatient)
    if (found !== undefined) return present(found)
    const elsewhere: Buffer[] = []
    for (let partition = 0; partition < partitions; partition++) {
      if (partition === own) continue
      const other = await this.#newest(topic, partition, key, signal, isPatient)
      if (other) elsewhere.push(...present(other))
    }
    return elsewhere
  }

  async close(): Promise<void> {
    const open = this.#open
    this.#open = undefined
    await (await open?.catch(() => undefined))?.close()
  }

  /** A topic that was just made has no leaders for a moment. */
  async #visible(topic: string, signal: AbortSignal | undefined): Promise<number> {
    for (let attempt = 1; ; attempt++) {
      try {
        const partitions = await this.#ask(signal, reader => reader.partitions(topic))
        if (partitions === 0) throw new Error(`the topic ${topic} is not to be seen yet`)
        const places = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }))
        await this.#ask(signal, reader => reader.edges(places, 'latest'))
        return partitions
      } catch (error) {
        if (attempt >= ATTEMPTS) throw error
      }
      await this.#pause(signal, ATTEMPT_MS)
    }
  }

  async #checkPolicy(topic: string): Promise<void> {
    const policy = await this.#transactions.cleanupPolicy(topic)
    if (!policy?.includes('delete')) return
    throw new DromedaryError(
      'DROMEDARY_KAFKA_POSITION',
      `the topic ${topic} would forget positions after a time: its cleanup.policy is ${policy}, and has to be compact`,
    )
  }

  /** Up to where nothing is hidden. */
  async #visibleEnd(topic: string, partition: number, signal: AbortSignal, isPatient: boolean): Promise<bigint> {
    const stable = () => this.#ask(signal, reader => reader.lastStableOffset(topic, partition))
    if (!isPatient) return stable()
    const end = (await this.#ask(signal, reader => reader.edges([{ topic, partition }], 'latest')))[0]?.offset ?? 0n
    const since = this.#clock.monotonic()
    while ((await stable()) < end) {
      if (this.#clock.monotonic() - since > HIDDEN_MS) throw hidden(topic, partition)
      await this.#pause(signal)
    }
    return end
  }

  async #newest(topic: string, partition: number, key: string, signal: AbortSignal, isPatient: boolean) {
    const place = [{ topic, partition }]
    const end = await this.#visibleEnd(topic, partition, signal, isPatient)
    const start = (await this.#ask(signal, reader => reader.edges(place, 'earliest')))[0]?.offset ?? 0n
    const wanted = Buffer.from(key)
    let to = end
    for (let window = WINDOW; to > start; window *= 2n) {
      const from = to - start > window ? to - window : start
      const found = await this.#newestIn(topic, partition, from, to, wanted, signal)
      if (found) return found
      to = from
    }
    return undefined
  }

  async #newestIn(topic: string, partition: number, from: bigint, to: bigint, key: Buffer, signal: AbortSignal) {
    let newest: { readonly value: Buffer | null } | undefined
    let empty = 0
    for (let offset = from; offset < to; ) {
      const at = { topic, partition, offset }
      const { nextOffset, batches } = await this.#inTurn(() =>
        this.#ask(signal, reader => reader.read(at, BYTES, WAIT_MS)),
      )
      for (const batch of batches) {
        for (const { offsetDelta, key: found, value } of batch.records) {
          const isBefore = batch.firstOffset + BigInt(offsetDelta) < to
          if (isBefore && found?.equals(key)) newest = { value: value && Buffer.from(value) }
        }
      }
      if (nextOffset > offset) {
        offset = nextOffset
        empty = 0
      } else if (++empty < EMPTY_ANSWERS) await this.#pause(signal)
      // Up to the last stable offset there is an answer at once: what brings nothing is compacted away.
      else break
    }
    return newest
  }

  /** The broker remembers what a reader asked for last, and two requests at a time confuse it. */
  #inTurn<T>(read: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(read)
    this.#turn = turn.catch(() => {})
    return turn
  }

  async #pause(signal: AbortSignal | undefined, ms = LOOK_MS): Promise<void> {
    await sleep(this.#clock, ms, signal)
    signal?.throwIfAborted()
  }

  /** After a failure the reader is replaced: it may hold on to what is gone. */
  async #ask<T>(signal: AbortSignal | undefined, ask: (reader: PortReader) => Promise<T>): Promise<T> {
    signal?.throwIfAborted()
    const opening = this.#open ?? this.#reader()
    this.#open = opening
    try {
      return await ask(await opening)
    } catch (error) {
      if (this.#open === opening) {
        this.#open = undefined
        void opening.then(reader => reader.close()).catch(() => {})
      }
      throw error
    } finally {
      signal?.throwIfAborted()
    }
  }
}

const present = ({ value }: { readonly value: Buffer | null }): Buffer[] => (value === null ? [] : [value])

const hidden = (topic: string, partition: number) =>
  new Error(
    `a transaction of somebody else is open on partition ${partition} of ${topic}, and hides what is kept there; one that the broker itself has lost is found by kafka-transactions.sh find-hanging, and ended by abort: on all other topics first, on this one last`,
  )
