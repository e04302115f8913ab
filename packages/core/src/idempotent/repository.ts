import type { Exchange } from '../exchange/exchange.ts'

/**
 * Remembers keys of messages, so that none is worked on twice. All calls may come side by side, for the same key as well.
 * An answer that is no promise keeps a route synchronous. A call that throws or rejects fails the exchange, or where the
 * exchange has ended already is logged. Camel: `IdempotentRepository`.
 */
export interface IdempotentRepository {
  /**
   * Takes the key, and says whether it was new. Must be atomic: of several calls for one key exactly one gets true, until
   * the key is removed. A key that was added but not confirmed may be forgotten when the process dies.
   */
  add(key: string, exchange: Exchange): boolean | Promise<boolean>
  /** Whether the key is there, confirmed or not. */
  contains(key: string, exchange: Exchange): boolean | Promise<boolean>
  /** Forgets the key: its message failed, and may come again. Does nothing where the key is missing. */
  remove(key: string, exchange: Exchange): void | Promise<void>
  /** The message of the key is done with: from here on the key should outlive the process, where the repository does. */
  confirm(key: string, exchange: Exchange): void | Promise<void>
  /** Forgets all keys. */
  clear?(): void | Promise<void>
  /** Before the first route that uses it starts; again after {@link stop}. Rejects with the reason. */
  start?(): void | Promise<void>
  /** After the last route that uses it has drained. Frees what it holds open; keys stay where they are kept. */
  stop?(): void | Promise<void>
}
