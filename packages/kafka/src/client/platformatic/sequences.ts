import type { KafkaRecord } from '../port.ts'

/** Where a producer goes on in a partition. */
interface Next {
  readonly producer: string
  readonly sequence: number
}

/**
 * Numbers of records, by which a broker knows what it has got already, and misses what it has not. The client's own are of
 * no use: they count messages, and they begin anew with any failure for good, also of another topic, while a request of this
 * one keeps the producer id from before. So this counts by itself. The same records, tried again, keep their number; under
 * another id or epoch all count from 0.
 */
export class Sequences {
  readonly #next = new Map<string, Next>()
  readonly #given = new WeakMap<readonly KafkaRecord[], Next>()

  /** The number of the first of so many records, known by the object that they are in. */
  of(producer: string, place: string, records: readonly KafkaRecord[], count: number): number {
    const given = this.#given.get(records)
    if (given?.producer === producer) return given.sequence
    const next = this.#next.get(place)
    const sequence = next?.producer === producer ? next.sequence : 0
    this.#given.set(records, { producer, sequence })
    // Beyond 31 bits the broker counts from 0 again.
    this.#next.set(place, { producer, sequence: (sequence + count) % 2 ** 31 })
    return sequence
  }
}
