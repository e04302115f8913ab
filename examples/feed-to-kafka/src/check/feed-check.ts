import type { CheckedRecord, DeadLetter } from './record.ts'
import { type Range, Sequence } from './sequence.ts'

/** What the feed has sent, where that is known. */
export interface Expected {
  /** Default: the first that is there. */
  readonly first?: number
  /** Default: the last that was surely to be there when the partition that is furthest behind was read. */
  readonly last?: number
}

/** What a topic says about how it was written. */
export interface Verdict {
  /** Records in the topic. */
  readonly records: number
  readonly deadLetters: number
  /** The numbers that were looked for. */
  readonly range: Range
  /** Numbers that are in neither topic. */
  readonly missing: readonly Range[]
  /** Numbers that are there more than once; the first few of them. */
  readonly repeated: readonly number[]
  readonly repeats: number
  /** Records that came behind a later one in their partition, in words; the first few of them. */
  readonly disordered: readonly string[]
  readonly disorders: number
  /** Keys that are in more than one partition. */
  readonly scattered: readonly string[]
  /** Records whose term is lower than that of one before them, in words; the first few of them. */
  readonly fallen: readonly string[]
  readonly falls: number
  readonly withoutTerm: number
  /** Different terms, in the order in which they first appear. */
  readonly terms: readonly bigint[]
  /** Dead letters that are there again and that no number could be read from before they were sent: no fault, see the README. */
  readonly unreadableAgain: number
  /** Nothing is lost, doubled or out of order, and no former leader wrote after a later one. */
  readonly ok: boolean
}

/** How many of each fault are told one by one. */
const SHOWN = 10

/** Judges the records of a topic, one after the other: those of a partition in their order, partitions in any. */
export class FeedCheck {
  readonly #seen = new Sequence()
  readonly #dead = new Sequence()
  readonly #partitions = new Map<number, { seq: number; term: bigint }>()
  readonly #partitionOf = new Map<string, number>()
  readonly #scattered = new Set<string>()
  readonly #terms = new Set<bigint>()
  readonly #repeated: number[] = []
  readonly #disordered: string[] = []
  readonly #fallen: string[] = []
  #repeats = 0
  #disorders = 0
  #falls = 0
  #withoutTerm = 0
  #records = 0
  #deadLetters = 0
  #unreadableAgain = 0

  add({ partition, offset, key, seq, term }: CheckedRecord): void {
    this.#records++
    if (!this.#seen.add(seq) || this.#dead.has(seq)) this.#repeat(seq)
    const at = this.#partitionOf.get(key)
    if (at === undefined) this.#partitionOf.set(key, partition)
    else if (at !== partition) this.#scattered.add(key)
    const before = this.#partitions.get(partition) ?? { seq: 0, term: 0n }
    if (seq < before.seq && this.#disorders++ < SHOWN) {
      this.#disordered.push(`${seq} behind ${before.seq} at offset ${offset} of partition ${partition}`)
    }
    if (term === undefined) this.#withoutTerm++
    else {
      this.#terms.add(term)
      if (term < before.term && this.#falls++ < SHOWN) {
        this.#fallen.push(`term ${term} behind term ${before.term} at offset ${offset} of partition ${partition}`)
      }
    }
    this.#partitions.set(partition, {
      seq: Math.max(seq, before.seq),
      term: term === undefined || term < before.term ? before.term : term,
    })
  }

  addDeadLetter({ line }: DeadLetter): void {
    this.#deadLetters++
    const seq = Number(/"seq":(\d+)/.exec(line)?.[1])
    // It is none of the feed's messages, or cannot be told apart.
    if (Number.isNaN(seq)) return
    const isNew = this.#dead.add(seq)
    if (isNew && !this.#seen.has(seq)) return
    if (isNew || isJson(line)) this.#repeat(seq)
    else this.#unreadableAgain++
  }

  verdict(expected: Expected = {}): Verdict {
    const first = expected.first ?? (this.#records > 0 ? this.#seen.first : 0)
    const last = expected.last ?? Math.min(...[...this.#partitions.values()].map(({ seq }) => seq), this.#seen.last)
    const missing = this.#seen.gaps(first, last).flatMap(gap => this.#dead.gaps(gap.first, gap.last))
    const faults = this.#repeats + this.#disorders + this.#scattered.size + this.#falls + this.#withoutTerm
    return {
      records: this.#records,
      deadLetters: this.#deadLetters,
      range: { first, last },
      missing,
      repeated: this.#repeated,
      repeats: this.#repeats,
      disordered: this.#disordered,
      disorders: this.#disorders,
      scattered: [...this.#scattered],
      fallen: this.#fallen,
      falls: this.#falls,
      withoutTerm: this.#withoutTerm,
      terms: [...this.#terms],
      unreadableAgain: this.#unreadableAgain,
      ok: faults === 0 && missing.length === 0 && this.#records > 0,
    }
  }

  #repeat(seq: number): void {
    if (this.#repeats++ < SHOWN) this.#repeated.push(seq)
  }
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line)
    return true
  } catch {
    return false
  }
}
