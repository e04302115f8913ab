import type { TopicPartition } from '../../src/client/port.ts'
import { keyOf } from '../../src/consumer/keys.ts'
import type { MemoryKafka } from './memory-kafka.ts'
import type { MemoryMember } from './memory-member.ts'

/** A consumer group in memory: partitions go round among its members, and each join moves them. */
export class MemoryGroup {
  readonly committed = new Map<string, bigint>()
  readonly members: MemoryMember[] = []
  /** Those that left, too. */
  readonly all: MemoryMember[] = []
  readonly #kafka: MemoryKafka
  #generation: Promise<void> = Promise.resolve()

  constructor(kafka: MemoryKafka) {
    this.#kafka = kafka
  }

  join(member: MemoryMember): Promise<void> {
    return this.#rebalance(() => {
      if (!this.members.includes(member)) this.members.push(member)
    })
  }

  leave(member: MemoryMember): Promise<void> {
    return this.#rebalance(() => {
      const at = this.members.indexOf(member)
      if (at >= 0) this.members.splice(at, 1)
    })
  }

  /** Takes a member out, as after a session time-out: it is told later. */
  evict(member: MemoryMember): void {
    this.members.splice(this.members.indexOf(member), 1)
  }

  #rebalance(change: () => void): Promise<void> {
    this.#generation = this.#generation.then(async () => {
      const before = [...this.members]
      for (const member of before) member.settings.events.rebalancing()
      await Promise.all(before.map(member => member.settings.events.beforeRejoin()))
      change()
      for (const member of this.members) member.assign(this.#share(member), before.includes(member))
    })
    return this.#generation
  }

  #share(member: MemoryMember): TopicPartition[] {
    const all = [...new Set(this.members.flatMap(({ topics }) => topics))].sort()
    const places = all.flatMap(topic =>
      Array.from({ length: this.#kafka.partitionsOf(topic) }, (_, partition) => ({ topic, partition })),
    )
    return places.filter((_, at) => this.members[at % this.members.length] === member)
  }

  owns(member: MemoryMember, place: TopicPartition): boolean {
    return this.members.includes(member) && member.assigned.has(keyOf(place))
  }
}
