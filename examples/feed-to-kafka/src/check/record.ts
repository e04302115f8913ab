/** What is looked at of a record in the topic. */
export interface CheckedRecord {
  readonly partition: number
  readonly offset: number
  readonly key: string
  /** Number of the message that it came from. */
  readonly seq: number
  /** Of the leader who wrote it; undefined without the header. */
  readonly term: bigint | undefined
}

/** A record in the topic of what is no valid message: the line as it came. */
export interface DeadLetter {
  readonly line: string
}
