import { systemClock } from '@dromedary/core'
import { baseOptions } from '../src/client/platformatic/base-options.ts'
import { openPlatformatic } from '../src/client/platformatic/index.ts'
import { PlatformaticTransactions } from '../src/client/platformatic/transactions.ts'
import { Workplace } from '../test/support/workplace.ts'

export { TestLeadership } from '../test/support/test-leadership.ts'
export { endOf, exchange, newExchange, record, type Workplace, work } from '../test/support/workplace.ts'

export interface MemberOptions {
  readonly transactionTimeout?: number
  readonly requestTimeoutMs?: number
}

/** One process as far as a session knows: a client of its own of real brokers, and what it logged. */
export function member(brokers: string, options: MemberOptions = {}): Workplace {
  const { transactionTimeout = 10_000, requestTimeoutMs = 3_000 } = options
  const connection = {
    brokers: brokers.split(','),
    clientId: 'test',
    metadataMaxAgeMs: 5_000,
    requestTimeoutMs,
    retryBackoffMs: 50,
    retryBackoffMaxMs: 500,
    tls: undefined,
    sasl: undefined,
  }
  const transactions = new PlatformaticTransactions(() => baseOptions(connection, systemClock), { transactionTimeout })
  return new Workplace(systemClock, transactions, async () =>
    (await openPlatformatic(connection, systemClock)).reader(),
  )
}
