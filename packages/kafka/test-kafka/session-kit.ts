import { systemClock } from '@dromedary/core'
import type { ConnectionSettings } from '../src/client/connection.ts'
import { baseOptions } from '../src/client/platformatic/base-options.ts'
import { openPlatformatic } from '../src/client/platformatic/index.ts'
import { PlatformaticTransactions } from '../src/client/platformatic/transactions.ts'
import type { Transactions } from '../src/session/port.ts'
import { Workplace } from '../test/support/workplace.ts'

export { Election, randomOf } from '../test/support/election.ts'
export { expected, type FeedOptions, run } from '../test/support/feed.ts'
export { TestLeadership } from '../test/support/test-leadership.ts'
export { endOf, exchange, newExchange, record, type Workplace, work } from '../test/support/workplace.ts'

export interface MemberOptions {
  readonly transactionTimeout?: number
  readonly requestTimeoutMs?: number
  readonly sasl?: ConnectionSettings['sasl']
  /** What lies between the session and its client. */
  readonly wrap?: (transactions: Transactions) => Transactions
}

export function connectionTo(brokers: string, options: MemberOptions = {}): ConnectionSettings {
  const { requestTimeoutMs = 3_000, sasl } = options
  return {
    brokers: brokers.split(','),
    clientId: 'test',
    metadataMaxAgeMs: 5_000,
    requestTimeoutMs,
    retryBackoffMs: 50,
    retryBackoffMaxMs: 500,
    tls: undefined,
    sasl,
  }
}

export function transactionsOf(brokers: string, options: MemberOptions = {}): PlatformaticTransactions {
  const { transactionTimeout = 10_000 } = options
  const connection = connectionTo(brokers, options)
  return new PlatformaticTransactions(() => baseOptions(connection, systemClock), { transactionTimeout })
}

/** One process as far as a session knows: a client of its own of real brokers, and what it logged. */
export function member(brokers: string, options: MemberOptions = {}): Workplace {
  const connection = connectionTo(brokers, options)
  const transactions = transactionsOf(brokers, options)
  const reader = async () => (await openPlatformatic(connection, systemClock)).reader()
  return new Workplace(systemClock, options.wrap?.(transactions) ?? transactions, reader)
}
