import {
  type ContextView,
  DromedaryError,
  type Exchange,
  formatDuration,
  isDromedaryError,
  sleep,
} from '@dromedary/core/component'
import { backOff } from '../client/back-off.ts'
import type { ConnectionSettings } from '../client/connection.ts'
import type { Compression, KafkaClient, KafkaRecord, PortProducer } from '../client/port.ts'
import { Deadline } from './deadline.ts'
import { Lane, type LaneOffice } from './lane.ts'
import { Parcel, Pending } from './parcel.ts'
import { sizeOf } from './records.ts'
import { Room } from './room.ts'
import { Trouble } from './trouble.ts'

/** How records are written; endpoints that agree in it share a sender. */
export interface SenderSettings {
  readonly acks: 'all' | 'one' | 'none'
  readonly idempotent: boolean
  readonly compression: Compression
  readonly lingerMs: number
  readonly batchBytes: number
  readonly ignoreKeys: boolean
  readonly maxPendingRecords: number
  readonly maxPendingBytes: number
  readonly deliveryTimeoutMs: number
}

/** At the end nobody should be waiting any more; who is has been left behind by a shutdown that took too long. */
const FLUSH_MS = 1_000
/** Topics that have been quiet are forgotten when there are more than so many: their names may come from messages. */
const MAX_LANES = 1_000

/** What of a context it needs. */
export type SenderContext = Pick<ContextView, 'clock' | 'logger'>

/** Writes what the exchanges of a context send to the same brokers in the same way. */
export class Sender {
  readonly #context: SenderContext
  readonly #connection: ConnectionSettings
  readonly #settings: SenderSettings
  readonly #open: () => Promise<KafkaClient>
  readonly #lanes = new Map<string, Lane>()
  readonly #room: Room
  readonly #deadline: Deadline
  readonly #trouble: Trouble
  readonly #office: LaneOffice
  #client: KafkaClient | undefined
  #producer: Promise<PortProducer> | undefined
  #lastError: unknown
  #idle: (() => void) | undefined

  constructor(
    context: SenderContext,
    connection: ConnectionSettings,
    settings: SenderSettings,
    open: () => Promise<KafkaClient>,
  ) {
    const { clock } = context
    this.#context = context
    this.#connection = connection
    this.#settings = settings
    this.#open = open
    this.#room = new Room({ records: settings.maxPendingRecords, bytes: settings.maxPendingBytes })
    this.#trouble = new Trouble(clock, context.logger('kafka'))
    this.#deadline = new Deadline(clock, settings.deliveryTimeoutMs, () => this.#turn())
    this.#office = {
      clock,
      random: Math.random,
      lingerMs: settings.lingerMs,
      batchBytes: settings.batchBytes,
      ignoreKeys: settings.ignoreKeys,
      metadataMaxAgeMs: connection.metadataMaxAgeMs,
      retryBackoffMs: connection.retryBackoffMs,
      retryBackoffMaxMs: connection.retryBackoffMaxMs,
      producer: () => this.#connected(),
      expired: () => this.#deadline.before,
      timeout: topic => this.#timeout(topic),
      failure: (topic, error) => this.#failure(topic, error),
      troubled: error => this.#troubled(error),
      isFinal: error => isDromedaryError(error, 'DROMEDARY_CONFIG') || this.#client?.kindOf(error) === 'refused',
      succeeded: () => this.#trouble.succeeded(),
      left: pending => this.#left(pending),
    }
  }

  /**
   * Resolves when all records are written, as `requestRequiredAcks` has it. Rejects with `DROMEDARY_KAFKA_SEND`,
   * `DROMEDARY_KAFKA_TIMEOUT`, `DROMEDARY_KAFKA_RECORD` or `DROMEDARY_NOT_LEADER`; what others of the exchange's records
   * became of, it does not say. Waits for room first.
   */
  send(exchange: Pick<Exchange, 'guard'>, records: readonly KafkaRecord[], wantsMetadata: boolean): Promise<unknown> {
    const [only] = records
    const single = records.length === 1 && only ? sizeOf(only) : undefined
    const bytes = single ?? records.reduce((sum, record) => sum + sizeOf(record), 0)
    this.#deadline.arm()
    const since = this.#deadline.now
    const parcel = new Parcel(records.length, since, exchange.guard, wantsMetadata)
    if (this.#room.tryEnter(records.length, bytes)) return this.#enter(parcel, records, single)
    return this.#room.wait(records.length, bytes, since).then(() => this.#enter(parcel, records, single))
  }

  /** Imports the client and asks for the topic, as often as it takes. Rejects when the signal aborts. */
  async warmUp(topic: string, signal: AbortSignal): Promise<void> {
    const { clock } = this.#context
    const { retryBackoffMs, retryBackoffMaxMs } = this.#connection
    for (let attempt = 1; !signal.aborted; attempt++) {
      try {
        const producer = await this.#connected()
        if ((await producer.partitions(topic)) > 0) return this.#trouble.succeeded()
      } catch (error) {
        // A setting that is wrong stays wrong.
        if (isDromedaryError(error, 'DROMEDARY_CONFIG')) throw error
        this.#troubled(error)
      }
      await sleep(clock, backOff(attempt, retryBackoffMs, retryBackoffMaxMs, Math.random), signal)
    }
    throw signal.reason
  }

  /** Waits a moment for what is under way, fails what is left, and frees everything. */
  async close(): Promise<void> {
    if (!this.#room.isEmpty) {
      const flushed = new AbortController()
      this.#idle = () => flushed.abort()
      if (await sleep(this.#context.clock, FLUSH_MS, flushed.signal)) this.#giveUp()
    }
    this.#deadline.stop()
    const producer = await this.#producer?.catch(() => undefined)
    this.#producer = undefined
    await producer?.close()
  }

  /** `bytes`: of the only one. */
  #enter(parcel: Parcel, records: readonly KafkaRecord[], bytes: number | undefined): Promise<unknown> {
    for (let at = 0; at < records.length; at++) {
      const record = records[at] as KafkaRecord
      this.#lane(record.topic).add(new Pending(record, bytes ?? sizeOf(record), parcel, at))
    }
    return parcel.metadata === undefined ? parcel.settled : parcel.settled.then(() => parcel.metadata)
  }

  #lane(topic: string): Lane {
    let lane = this.#lanes.get(topic)
    if (lane === undefined) {
      if (this.#lanes.size >= MAX_LANES) {
        for (const [name, other] of this.#lanes) if (other.isIdle) this.#lanes.delete(name)
      }
      lane = new Lane(topic, this.#office)
      this.#lanes.set(topic, lane)
    }
    return lane
  }

  #connected(): Promise<PortProducer> {
    this.#producer ??= this.#connect().catch(error => {
      this.#producer = undefined
      throw error
    })
    return this.#producer
  }

  async #connect(): Promise<PortProducer> {
    const { acks, idempotent, compression } = this.#settings
    const client = await this.#open()
    this.#client = client
    return client.producer({ acks, idempotent, compression, onRetry: error => this.#troubled(error) })
  }

  #left({ bytes }: Pending): void {
    this.#room.leave(1, bytes)
    if (this.#idle && this.#room.isEmpty) this.#idle()
  }

  #troubled(error: unknown): void {
    this.#lastError = error
    this.#trouble.failed(this.#explain(error), this.#room.records)
  }

  /** Whether anything is still waiting. */
  #turn(): boolean {
    this.#room.expire(this.#deadline.before, () => this.#timeout(undefined))
    for (const lane of this.#lanes.values()) lane.expire()
    return !this.#room.isEmpty
  }

  #giveUp(): void {
    const stopped = new DromedaryError(
      'DROMEDARY_NOT_ACCEPTING',
      'the context stops, and Kafka could not be written to',
    )
    this.#room.expire(Number.POSITIVE_INFINITY, () => stopped)
    for (const lane of this.#lanes.values()) lane.stop(stopped)
  }

  #timeout(topic: string | undefined): DromedaryError {
    const what = topic === undefined ? 'there was no room for a record' : `a record could not be written to ${topic}`
    const last = this.#lastError === undefined ? '' : `; the last failure was: ${this.#explain(this.#lastError)}`
    const after = formatDuration(this.#settings.deliveryTimeoutMs)
    const message = `${what} within ${after} (deliveryTimeoutMs), and perhaps still will be${last}`
    return new DromedaryError('DROMEDARY_KAFKA_TIMEOUT', message, { cause: this.#lastError })
  }

  #failure(topic: string, error: unknown): DromedaryError {
    if (isDromedaryError(error)) return error
    const message = `Kafka did not take a record for ${topic}: ${this.#explain(error)}`
    return new DromedaryError('DROMEDARY_KAFKA_SEND', message, { cause: error })
  }

  #explain(error: unknown): string {
    if (this.#client) return this.#client.explain(error)
    return error instanceof Error ? error.message : String(error)
  }
}
