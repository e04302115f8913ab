/** Commits a record, when the route wants to: the header `CamelKafkaManualCommit` with `allowManualCommit`. Camel: `KafkaManualCommit`. */
export interface KafkaManualCommit {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /**
   * After it the group goes on after this record; of several commits of a partition the farthest one counts. Rejects
   * where the broker refuses, such as after the partition has moved to another member.
   */
  commit(): Promise<void>
}

export class ManualCommit implements KafkaManualCommit {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly #commit: (next: number) => Promise<void>

  constructor(topic: string, partition: number, offset: number, commit: (next: number) => Promise<void>) {
    this.topic = topic
    this.partition = partition
    this.offset = offset
    this.#commit = commit
  }

  commit(): Promise<void> {
    return this.#commit(this.offset + 1)
  }

  /** In a log. */
  toString(): string {
    return `commit of ${this.topic}-${this.partition}@${this.offset}`
  }
}
