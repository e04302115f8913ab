import type { Leadership } from '@dromedary/core/cluster'
import type { Clock, Logger } from '@dromedary/core/component'
import type { Transactions } from './port.ts'
import type { Positions } from './positions.ts'

export interface SessionSettings {
  readonly transactionalId: string
  /** Ids that earlier versions of the route used. */
  readonly fences: readonly string[]
  /** The topic of positions. */
  readonly positions: string
  /** Least time from one commit to the next, in milliseconds; an exchange that comes later than that is committed at once. */
  readonly transactionInterval: number
  /** How long it tries to recover before it gives up and resigns, in milliseconds; 0: for ever. */
  readonly giveUpAfter: number
}

export interface SessionPlace {
  readonly clock: Clock
  readonly log: Logger
  readonly transactions: Transactions
  readonly positions: Positions
  /** Whose work this is; undefined outside a cluster, where the transactional id alone fences. */
  readonly leadership: Leadership | undefined
  /** Nothing is sent before it has resolved: until then another session of the route has something under way. Never rejects. */
  readonly after?: Promise<void> | undefined
  /** Tells this session from all others, of any process. */
  readonly writer: string
}
