import { type Exchange, messageOf, type RouteEntry } from '@dromedary/core/component'
import type { KafkaRecord, TopicPartition } from '../client/port.ts'
import type { Unit } from './unit.ts'

/** Writes to the dead letter topic what an exchange failed on. */
export type WriteDeadLetters = (records: readonly KafkaRecord[], exchange: Exchange) => Promise<void>

export interface FailureRules {
  readonly policy: 'pause' | 'stop' | 'pass' | 'deadLetter'
  readonly delayMs: number
  readonly maxDelayMs: number
  readonly deadLetterTopic: string
}

/** What is to be done about a failed record. */
export type Verdict =
  | { readonly kind: 'done' }
  | { readonly kind: 'again'; readonly afterMs: number }
  | { readonly kind: 'stop' }

/** Headers of a dead letter: whence it comes, and why. */
export const ORIGIN = {
  topic: 'dromedary-origin-topic',
  partition: 'dromedary-origin-partition',
  offset: 'dromedary-origin-offset',
  timestamp: 'dromedary-origin-timestamp',
  exceptionClass: 'dromedary-exception-class',
  exceptionMessage: 'dromedary-exception-message',
} as const

const DONE: Verdict = { kind: 'done' }

/** Decides what becomes of records whose exchange failed: none is passed over without a word. */
export class FailedRecords {
  readonly #entry: RouteEntry
  readonly #rules: FailureRules
  readonly #write: WriteDeadLetters

  constructor(entry: RouteEntry, rules: FailureRules, write: WriteDeadLetters) {
    this.#entry = entry
    this.#rules = rules
    this.#write = write
  }

  /** `attempt` counts from 1. Never rejects. */
  judge(place: TopicPartition, unit: Unit, exchange: Exchange, attempt: number): Verdict | Promise<Verdict> {
    const { log } = this.#entry
    const error = exchange.exception
    const what = `${place.topic}-${place.partition}@${unit.offset}`
    switch (this.#rules.policy) {
      case 'pass':
        log.warn(`${what} failed and is passed over: ${messageOf(error)}`, { error })
        return DONE
      case 'stop':
        log.error(`${what} failed, and its consumer stops: ${messageOf(error)}`, { error })
        return { kind: 'stop' }
      case 'deadLetter':
        return this.#bury(place, what, unit, exchange, attempt)
      case 'pause':
        return this.#again(what, error, attempt)
    }
  }

  /** Said the first time, and in the log of details each time. */
  #again(what: string, error: unknown, attempt: number): Verdict {
    const afterMs = Math.min(this.#rules.maxDelayMs, this.#rules.delayMs * 2 ** Math.min(attempt - 1, 30))
    const line = `${what} failed, and its partition waits; it is tried again in ${afterMs} ms: ${messageOf(error)}`
    if (attempt === 1) this.#entry.log.error(line, { error })
    else this.#entry.log.debug(line, { error })
    return { kind: 'again', afterMs }
  }

  async #bury(place: TopicPartition, what: string, unit: Unit, exchange: Exchange, attempt: number): Promise<Verdict> {
    const error = exchange.exception
    try {
      await this.#write(this.#deadLetters(place, unit, error), exchange)
      this.#entry.log.warn(`${what} failed and was written to ${this.#rules.deadLetterTopic}: ${messageOf(error)}`, {
        error,
      })
      return DONE
    } catch (failure) {
      return this.#again(
        `${what} failed (${messageOf(error)}), and writing it to the dead letter topic`,
        failure,
        attempt,
      )
    }
  }

  #deadLetters(place: TopicPartition, unit: Unit, error: unknown): KafkaRecord[] {
    const why = error instanceof Error ? error.name : typeof error
    return unit.records.map(({ batch, record, offset }) => ({
      topic: this.#rules.deadLetterTopic,
      value: record.value,
      ...(record.key !== null && { key: record.key }),
      headers: [
        ...record.headers.flatMap(([name, value]) => (name === null ? [] : [[name, value] as const])),
        header(ORIGIN.topic, place.topic),
        header(ORIGIN.partition, place.partition),
        header(ORIGIN.offset, offset),
        header(ORIGIN.timestamp, batch.firstTimestamp + record.timestampDelta),
        header(ORIGIN.exceptionClass, why),
        header(ORIGIN.exceptionMessage, messageOf(error)),
      ],
    }))
  }
}

function header(name: string, value: string | number | bigint): readonly [string, Buffer] {
  return [name, Buffer.from(String(value))]
}
