import type { PartitionOffset, PortMember, TopicPartition } from '../client/port.ts'
import { keyOf } from './keys.ts'

export interface StartRules {
  readonly autoOffsetReset: 'latest' | 'earliest' | 'none'
  readonly seekTo: 'BEGINNING' | 'END' | undefined
}

/** Where a partition begins. */
export interface Start extends PartitionOffset {
  /** What the group has committed. */
  readonly committed: bigint | undefined
}

/** Where each of these partitions begins, and those for which nothing says where. */
export interface Starts {
  readonly starts: readonly Start[]
  readonly nowhere: readonly TopicPartition[]
}

/** Finds out where to begin. What it has decided for a partition without a commit holds for as long as it lives. */
export class StartOffsets {
  readonly #rules: StartRules
  /** Partitions that have been sought to where `seekTo` says. */
  readonly #sought = new Set<string>()
  /** How many partitions a topic had when this member first read from it. */
  readonly #known = new Map<string, number>()

  constructor(rules: StartRules) {
    this.#rules = rules
  }

  /** The topics as they are now. `latest` begins with what comes from now on; what is added to a topic later has nothing older than that. */
  knows(topics: ReadonlyMap<string, number>): void {
    for (const [topic, partitions] of topics) if (!this.#known.has(topic)) this.#known.set(topic, partitions)
  }

  /** Rejects with the error of the client. */
  async find(member: PortMember, places: readonly TopicPartition[]): Promise<Starts> {
    const { seekTo, autoOffsetReset } = this.#rules
    const committed = new Map((await member.committed(places)).map(one => [keyOf(one), one.offset]))
    const sought = places.filter(place => seekTo !== undefined && !this.#sought.has(keyOf(place)))
    const missing = places.filter(place => !sought.includes(place) && !committed.has(keyOf(place)))
    const isNew = (place: TopicPartition) =>
      place.partition >= (this.#known.get(place.topic) ?? Number.POSITIVE_INFINITY)
    const earliest = [
      ...(seekTo === 'BEGINNING' ? sought : []),
      ...missing.filter(place => autoOffsetReset === 'earliest' || (autoOffsetReset === 'latest' && isNew(place))),
    ]
    const latest = [
      ...(seekTo === 'END' ? sought : []),
      ...missing.filter(place => autoOffsetReset === 'latest' && !isNew(place)),
    ]
    const edges = [
      ...(earliest.length > 0 ? await member.edges(earliest, 'earliest') : []),
      ...(latest.length > 0 ? await member.edges(latest, 'latest') : []),
    ]
    for (const place of sought) this.#sought.add(keyOf(place))
    const begun = new Map(edges.map(one => [keyOf(one), one.offset]))
    const starts: Start[] = []
    for (const { topic, partition } of places) {
      const key = keyOf({ topic, partition })
      const offset = begun.get(key) ?? committed.get(key)
      if (offset !== undefined) starts.push({ topic, partition, offset, committed: committed.get(key) })
    }
    const nowhere = places.filter(place => !begun.has(keyOf(place)) && !committed.has(keyOf(place)))
    return { starts, nowhere }
  }

  /**
   * Where to go on when the offset is not in the partition: before it begins, with the oldest record that is left; past
   * its end, which means that it was cut or made anew, with what `autoOffsetReset` says. Undefined: nothing says where.
   */
  async outOfRange(member: PortMember, at: PartitionOffset): Promise<bigint | undefined> {
    if (this.#rules.autoOffsetReset === 'none') return undefined
    const [earliest] = await member.edges([at], 'earliest')
    const [latest] = await member.edges([at], 'latest')
    if (earliest === undefined || latest === undefined) return undefined
    if (at.offset >= earliest.offset && at.offset <= latest.offset) return at.offset
    if (at.offset < earliest.offset || this.#rules.autoOffsetReset === 'earliest') return earliest.offset
    return latest.offset
  }
}
