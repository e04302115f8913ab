import { type Clock, DromedaryError, sleep } from '@dromedary/core/component'
import type { KafkaClient, PortReader } from '../client/port.ts'
import type { KeyCache } from './key-cache.ts'
import type { OwnWrites } from './own-writes.ts'

/** Bytes of one read. */
const READ_BYTES = 1_048_576
/** How long a read waits for news, milliseconds. */
const READ_WAIT_MS = 500

/** Reads the topic of an idempotent repository from its start, and goes on. */
export class Follower {
  readonly #client: KafkaClient
  readonly #reader: PortReader
  readonly #topic: string
  readonly #keys: KeyCache
  readonly #own: OwnWrites
  readonly #clock: Clock
  #offset = 0n

  constructor(parts: {
    readonly client: KafkaClient
    readonly topic: string
    readonly keys: KeyCache
    readonly own: OwnWrites
    readonly clock: Clock
  }) {
    this.#client = parts.client
    this.#reader = parts.client.reader()
    this.#topic = parts.topic
    this.#keys = parts.keys
    this.#own = parts.own
    this.#clock = parts.clock
  }

  /** Until everything is known that was there when it was called. */
  async catchUp(timeoutMs: number): Promise<void> {
    const end = this.#clock.monotonic() + timeoutMs
    for (;;) {
      try {
        return await this.#catchUp()
      } catch (error) {
        if (error instanceof DromedaryError) throw error
        if (this.#clock.monotonic() >= end) {
          const why = `${this.#topic} could not be read within ${timeoutMs} ms: ${this.#client.explain(error)}`
          throw new DromedaryError('DROMEDARY_KAFKA_READ', why, { cause: error })
        }
        await sleep(this.#clock, 200)
      }
    }
  }

  async follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#read(READ_WAIT_MS)
      } catch {
        // What others do is seen later: the brokers are away, and what this member does says so.
        await sleep(this.#clock, READ_WAIT_MS, signal)
      }
    }
    await this.close()
  }

  close(): Promise<void> {
    return this.#reader.close()
  }

  async #catchUp(): Promise<void> {
    const place = { topic: this.#topic, partition: 0 }
    const partitions = await this.#reader.partitions(this.#topic)
    if (partitions !== 1) {
      const what = partitions === 0 ? 'does not exist' : `has ${partitions} partitions`
      const help = 'make it with one partition and cleanup.policy=compact'
      throw new DromedaryError(
        'DROMEDARY_CONFIG',
        `the topic ${this.#topic} of an idempotent repository ${what}: ${help}`,
      )
    }
    const [first] = await this.#reader.edges([place], 'earliest')
    const [last] = await this.#reader.edges([place], 'latest')
    this.#offset = first?.offset ?? 0n
    while (this.#offset < (last?.offset ?? 0n)) await this.#read(READ_WAIT_MS)
  }

  async #read(waitMs: number): Promise<void> {
    const from = { topic: this.#topic, partition: 0, offset: this.#offset }
    const { nextOffset, batches } = await this.#reader.read(from, READ_BYTES, waitMs)
    for (const { firstOffset, records } of batches) {
      for (const record of records) {
        if (record.key === null || firstOffset + BigInt(record.offsetDelta) < this.#offset) continue
        const key = record.key.toString()
        if (!this.#own.isLast(key, record)) continue
        if (record.value === null) this.#keys.forgetConfirmed(key)
        else this.#keys.confirmed(key)
      }
    }
    this.#offset = nextOffset
  }
}
