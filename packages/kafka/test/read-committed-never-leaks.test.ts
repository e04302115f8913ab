import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AbortedTransaction, dropAborted, type TransactionalBatch } from '../src/client/aborted.ts'

/** A batch of a log, and whether a reader of committed data may see it. */
interface Written extends TransactionalBatch {
  readonly visible: boolean
  readonly size: number
}

interface Log {
  readonly batches: readonly Written[]
  readonly aborted: readonly (AbortedTransaction & { readonly end: bigint })[]
  readonly end: bigint
}

const CONTROL_COMMIT = Buffer.from([0, 0, 0, 1])
const CONTROL_ABORT = Buffer.from([0, 0, 0, 0])

/** What producers do: write, in or outside of a transaction, and end one. */
type Step = { readonly producer: number; readonly do: 'write' | 'plain' | 'commit' | 'abort'; readonly size: number }
const steps = fc.array(
  fc.record({
    producer: fc.integer({ min: 0, max: 3 }),
    do: fc.constantFrom('write', 'write', 'write', 'plain', 'commit', 'abort') as fc.Arbitrary<Step['do']>,
    size: fc.integer({ min: 1, max: 5 }),
  }),
  { maxLength: 60 },
)

/** The log that a broker would have, all transactions ended: a reader sees nothing past one that is open. */
function logOf(done: readonly Step[]): Log {
  const batches: Written[] = []
  const aborted: (AbortedTransaction & { end: bigint })[] = []
  const open = new Map<number, { first: bigint; indexes: number[] }>()
  let end = 0n
  const add = (producer: number, attributes: number, records: { key: Buffer | null }[], visible: boolean) => {
    batches.push({
      attributes,
      firstOffset: end,
      lastOffsetDelta: records.length - 1,
      producerId: BigInt(producer),
      records,
      visible,
      size: records.length,
    })
    end += BigInt(records.length)
  }
  const finish = (producer: number, kind: 'commit' | 'abort') => {
    const transaction = open.get(producer)
    if (!transaction) return
    open.delete(producer)
    if (kind === 'commit')
      for (const at of transaction.indexes) batches[at] = { ...(batches[at] as Written), visible: true }
    else aborted.push({ producerId: BigInt(producer), firstOffset: transaction.first, end })
    add(producer, 48, [{ key: kind === 'commit' ? CONTROL_COMMIT : CONTROL_ABORT }], false)
  }
  for (const step of done) {
    const records = Array.from({ length: step.size }, () => ({ key: null }))
    if (step.do === 'plain' && !open.has(step.producer)) add(step.producer, 0, records, true)
    else if (step.do === 'write') {
      const transaction = open.get(step.producer) ?? { first: end, indexes: [] }
      open.set(step.producer, transaction)
      transaction.indexes.push(batches.length)
      add(step.producer, 16, records, false)
    } else if (step.do !== 'plain') finish(step.producer, step.do)
  }
  for (const producer of [...open.keys()]) finish(producer, 'abort')
  return { batches, aborted, end }
}

/** One answer to a fetch: some batches, and the aborted transactions that reach into them. */
function answer(log: Log, from: number, to: number) {
  const batches = log.batches.slice(from, to).map(batch => ({ ...batch }))
  const first = batches[0]?.firstOffset ?? 0n
  const last = (batches.at(-1)?.firstOffset ?? 0n) + BigInt(batches.at(-1)?.lastOffsetDelta ?? 0)
  const aborted = log.aborted.filter(one => one.end >= first && one.firstOffset <= last)
  return { batches, aborted }
}

describe('a reader of committed data', () => {
  it('sees what was committed and nothing that was aborted, however transactions interleave and fetches cut them', () => {
    fc.assert(
      fc.property(steps, fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 40 }), (done, cuts) => {
        const log = logOf(done)
        let from = 0
        for (let cut = 0; from < log.batches.length; cut++) {
          const to = from + (cuts[cut % cuts.length] ?? 1)
          const { batches, aborted } = answer(log, from, to)
          dropAborted(batches, aborted)
          // Nothing is taken out of the list: offsets go on past what was dropped.
          expect(batches.length).toBe(Math.min(to, log.batches.length) - from)
          for (const batch of batches) expect(batch.records.length).toBe(batch.visible ? batch.size : 0)
          from = to
        }
      }),
    )
  })

  it('knows the transactions of one producer apart that lie in one answer', () => {
    const log = logOf([
      { producer: 1, do: 'write', size: 2 },
      { producer: 1, do: 'abort', size: 1 },
      { producer: 1, do: 'write', size: 2 },
      { producer: 1, do: 'commit', size: 1 },
      { producer: 1, do: 'write', size: 2 },
      { producer: 1, do: 'abort', size: 1 },
    ])
    const { batches, aborted } = answer(log, 0, log.batches.length)
    // As a broker may send them, in any order.
    dropAborted(batches, aborted.toReversed())
    expect(batches.map(({ records }) => records.length)).toEqual([0, 0, 2, 0, 0, 0])
  })

  it('keeps what a producer wrote outside of its aborted transaction', () => {
    const log = logOf([
      { producer: 1, do: 'write', size: 1 },
      { producer: 2, do: 'plain', size: 1 },
      { producer: 1, do: 'abort', size: 1 },
    ])
    const batches = log.batches.map(batch => ({ ...batch, producerId: 1n }))
    dropAborted(batches, [{ producerId: 1n, firstOffset: 0n }])
    expect(batches.map(({ records }) => records.length)).toEqual([0, 1, 0])
  })

  it('without a list of aborted transactions sees all but control records', () => {
    const log = logOf([
      { producer: 1, do: 'write', size: 2 },
      { producer: 1, do: 'abort', size: 1 },
    ])
    for (const none of [null, undefined, []]) {
      const batches = log.batches.map(batch => ({ ...batch }))
      dropAborted(batches, none)
      expect(batches.map(({ records }) => records.length)).toEqual([2, 0])
    }
  })
})
