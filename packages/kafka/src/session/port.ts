import type { KafkaRecord } from '../client/port.ts'

/** What a session asks of a Kafka client. Whatever it rejects with leaves the producer unusable: the session makes another one. */
export interface Transactions {
  /** Imports the client. Nothing is initialised. */
  warmUp(): Promise<void>
  /** Makes a compacted topic for positions, with the brokers' own number of replicas. Resolves where it is there already. */
  makePositions(topic: string): Promise<void>
  /** The topic's `cleanup.policy`; undefined where this user may not know. */
  cleanupPolicy(topic: string): Promise<string | undefined>
  /**
   * Opens nothing. The brokers put an initialisation off while they end what it has found open, so it is repeated: each
   * repetition fences whoever has come by then. `again` is asked before each, and what it rejects with ends it.
   */
  producer(transactionalId: string, again?: () => Promise<void>): TransactionalProducer
  /** Whether the broker refused because a producer of the same id was initialised later. */
  isFenced(error: unknown): boolean
  /** Whether the broker will never take a record that was sent: it is too large, its topic is not to be had, or the like. */
  isRefused(error: unknown): boolean
  /** What people should read of it, in one line. */
  explain(error: unknown): string
}

export interface TransactionalProducer {
  /** A call is under way; the client may try it several times. */
  readonly isBusy: boolean
  /**
   * The first call initialises: from then on every older producer of the id is fenced, and what it had open is aborted.
   * A transaction in which nothing was sent is begun already.
   */
  begin(): Promise<void>
  /**
   * In order; one call at a time. Rejects, with nothing sent, where the brokers have lost the end of an earlier transaction
   * of this id: it would be committed with this one. They are asked about each partition once, unless that is `isClean`:
   * somebody has seen that nothing is open there.
   */
  send(records: readonly KafkaRecord[], isClean?: boolean): Promise<void>
  commit(): Promise<void>
  /** Once the call that is under way has ended. */
  abort(): Promise<void>
  /** Frees its connections, whatever is under way. */
  close(): Promise<void>
}
