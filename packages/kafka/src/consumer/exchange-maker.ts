import { isUtf8 } from 'node:buffer'
import { DromedaryError, type Exchange, NAMES, type RouteEntry } from '@dromedary/core/component'
import type { FetchedBatch, FetchedRecord, TopicPartition } from '../client/port.ts'
import { headersIn, IN } from './headers-in.ts'
import { ManualCommit } from './manual-commit.ts'

export interface ExchangeRules {
  readonly valueAsText: boolean
  readonly keyAsText: boolean
  readonly headersAsText: boolean
  readonly allowManualCommit: boolean
  /** Whether the last record at hand is marked. */
  readonly marksLast: boolean
}

/** Commits up to an offset of a partition. */
export type Commit = (place: TopicPartition, next: number) => Promise<void>

/** Makes exchanges of the records of one partition. */
export class ExchangeMaker {
  readonly #entry: RouteEntry
  readonly #rules: ExchangeRules
  readonly #place: TopicPartition
  readonly #commit: Commit

  constructor(entry: RouteEntry, rules: ExchangeRules, place: TopicPartition, commit: Commit) {
    this.#entry = entry
    this.#rules = rules
    this.#place = place
    this.#commit = commit
  }

  get marksLast(): boolean {
    return this.#rules.marksLast
  }

  /**
   * The exchange of a record. Where its value or key is not what it should be, the body is bytes, and the failure is
   * given back: it may not enter the route as something else.
   */
  make(batch: FetchedBatch, record: FetchedRecord, offset: number, isLast: boolean): Exchange {
    const { key, value } = record
    const { valueAsText, keyAsText, headersAsText, allowManualCommit, marksLast } = this.#rules
    const isBroken = (valueAsText && value !== null && !isUtf8(value)) || (keyAsText && key !== null && !isUtf8(key))
    const exchange = this.#entry.createExchange(valueAsText && value !== null && !isBroken ? value.toString() : value)
    const { message } = exchange
    if (record.headers.length > 0) {
      headersIn(message, record, headersAsText)
      message.setHeader(IN.headers, record.headers)
    }
    const timestamp = Number(batch.firstTimestamp + record.timestampDelta)
    message
      .setHeader(IN.topic, this.#place.topic)
      .setHeader(IN.partition, this.#place.partition)
      .setHeader(IN.offset, offset)
      .setHeader(IN.timestamp, timestamp)
      .setHeader(NAMES.messageTimestamp, timestamp)
    if (key !== null) message.setHeader(IN.key, keyAsText && !isBroken ? key.toString() : key)
    if (marksLast) message.setHeader(IN.lastRecordBeforeCommit, isLast).setHeader(IN.lastPollRecord, isLast)
    if (allowManualCommit) message.setHeader(IN.manualCommit, this.#manual(offset))
    if (isBroken) exchange.fail(this.#broken(offset))
    return exchange
  }

  /** The exchange of several; its body are theirs. */
  batch(parts: readonly Exchange[], lastOffset: number): Exchange {
    const exchange = this.#entry.createExchange(parts)
    exchange.message.setHeader(IN.topic, this.#place.topic).setHeader(IN.partition, this.#place.partition)
    exchange.message.setHeader(IN.offset, lastOffset)
    if (this.#rules.allowManualCommit) exchange.message.setHeader(IN.manualCommit, this.#manual(lastOffset))
    const broken = parts.find(part => part.failed)
    if (broken) exchange.fail(broken.exception)
    return exchange
  }

  #manual(offset: number): ManualCommit {
    const { topic, partition } = this.#place
    return new ManualCommit(topic, partition, offset, next => this.#commit(this.#place, next))
  }

  #broken(offset: number): DromedaryError {
    const { topic, partition } = this.#place
    const what = `key or value of ${topic}-${partition}@${offset} is not UTF-8`
    const help = 'set valueDeserializer=bytes (keyDeserializer=bytes)'
    return new DromedaryError('DROMEDARY_KAFKA_RECORD', `${what}: ${help}`)
  }
}
