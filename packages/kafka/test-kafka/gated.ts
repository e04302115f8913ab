import type { TransactionalProducer, Transactions } from '../src/session/port.ts'

export type Call = 'begin' | 'send' | 'commit'

/** Called before each call of a producer of this client, with how many there were before. */
export type Gate = (call: Call, index: number) => void | Promise<void>

/** A client whose calls can be held back or failed one by one, as a process that stops at that place would. */
export function gated(transactions: Transactions, gate: Gate): Transactions {
  let calls = 0
  const wrap = (inner: TransactionalProducer): TransactionalProducer => ({
    get isBusy() {
      return inner.isBusy
    },
    begin: async () => {
      await gate('begin', calls++)
      await inner.begin()
    },
    send: async (records, isClean) => {
      await gate('send', calls++)
      await inner.send(records, isClean)
    },
    commit: async () => {
      await gate('commit', calls++)
      await inner.commit()
    },
    abort: () => inner.abort(),
    close: () => inner.close(),
  })
  return {
    warmUp: () => transactions.warmUp(),
    makePositions: topic => transactions.makePositions(topic),
    cleanupPolicy: topic => transactions.cleanupPolicy(topic),
    producer: (id, again) => wrap(transactions.producer(id, again)),
    isFenced: error => transactions.isFenced(error),
    isRefused: error => transactions.isRefused(error),
    explain: error => transactions.explain(error),
  }
}
