import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Batch } from '../src/session/batch.ts'
import { Entry } from '../src/session/entry.ts'
import { Ledger } from '../src/session/ledger.ts'
import { newExchange, record } from './support/workplace.ts'

const owner = { completed: () => {}, failed: () => {}, isBlocked: () => false }

/** With so many records. */
function entryOf(records: number): Entry {
  const entry = new Entry(owner, newExchange())
  entry.records = Array.from({ length: records }, () => record('x'))
  return entry
}

type Command =
  | { readonly do: 'join'; readonly records: number }
  | { readonly do: 'done'; readonly which: number }
  | { readonly do: 'take'; readonly records: number; readonly entries: number }
  | { readonly do: 'giveBack' }

const commands: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ do: fc.constant('join' as const), records: fc.nat(4) }),
  fc.record({ do: fc.constant('done' as const), which: fc.nat(20) }),
  fc.record({ do: fc.constant('take' as const), records: fc.nat(10), entries: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ do: fc.constant('giveBack' as const) }),
)

describe('a ledger', () => {
  it('lets entries leave in the order in which they joined, each once, and none before it is done', () => {
    fc.assert(
      fc.property(fc.array(commands, { maxLength: 200 }), list => {
        const ledger = new Ledger()
        /** Joined and not left, in order. */
        let model: Entry[] = []
        let taken: Entry[] = []
        for (const command of list) {
          if (command.do === 'join') {
            const entry = entryOf(command.records)
            ledger.join(entry)
            model.push(entry)
          } else if (command.do === 'done') {
            const entry = model.filter(({ done }) => !done)[command.which]
            if (entry) ledger.done(entry)
          } else if (command.do === 'giveBack') {
            ledger.giveBack(taken)
            model = [...taken, ...model]
            taken = []
          } else {
            taken = ledger.take(command.records, command.entries)
            const left = new Set(taken)
            const gone = model.filter(entry => left.has(entry) || entry.settled)
            expect(model.slice(0, gone.length)).toEqual(gone)
            expect(taken).toEqual(gone.filter(entry => left.has(entry)))
            expect(gone.every(({ done }) => done)).toBe(true)
            expect(gone.every(entry => left.has(entry) !== entry.settled)).toBe(true)
            expect(taken.every(({ isEmpty }) => !isEmpty)).toBe(true)
            expect(taken.length).toBeLessThanOrEqual(command.entries)
            // The last one may bring more than was asked for.
            const before = taken.slice(0, -1).reduce((sum, { records }) => sum + records.length, 0)
            expect(before).toBeLessThan(Math.max(1, command.records))
            model = model.slice(gone.length)
          }
          expect(ledger.size).toBe(model.length)
          expect(ledger.isReady).toBe(model[0]?.done === true)
        }
        expect(ledger.drain()).toEqual(model)
        expect(ledger.size).toBe(0)
      }),
      { numRuns: 300 },
    )
  })

  it('keeps its order past the place where it gives free places back', () => {
    const ledger = new Ledger()
    const all = Array.from({ length: 20_000 }, () => entryOf(1))
    const left: Entry[] = []
    for (const [at, entry] of all.entries()) {
      ledger.join(entry)
      ledger.done(entry)
      if (at % 3 === 2) left.push(...ledger.take(2))
    }
    left.push(...ledger.take(Number.POSITIVE_INFINITY))
    expect(left).toEqual(all)
  })

  it('wakes once who waits, when the first one is done and when it is told to', () => {
    const ledger = new Ledger()
    const [first, second] = [entryOf(1), entryOf(1)]
    ledger.join(first)
    ledger.join(second)
    let woken = 0
    const wait = () => ledger.onChange(() => woken++)
    wait()
    ledger.done(second)
    expect(woken).toBe(0)
    ledger.done(first)
    ledger.wake()
    expect(woken).toBe(1)
    wait()
    ledger.wake()
    expect(woken).toBe(2)
  })

  it('knows what is before an entry', () => {
    const ledger = new Ledger()
    const [first, second, third] = [entryOf(1), entryOf(1), entryOf(1)]
    for (const entry of [first, second, third]) ledger.join(entry)
    ledger.done(second)
    expect(ledger.isBlocked(third)).toBe(true)
    ledger.done(first)
    expect(ledger.isBlocked(third)).toBe(false)
    expect(ledger.isBlocked(entryOf(1))).toBe(true)
  })
})

describe('a batch', () => {
  it('parts its records into requests: all of them, in order, few enough and small enough', () => {
    const sizes = fc.array(fc.oneof(fc.nat(2_000), fc.integer({ min: 400_000, max: 1_500_000 })), { maxLength: 30 })
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 10 }), (lengths, most) => {
        const batch = new Batch(1)
        const entry = entryOf(0)
        entry.records = lengths.map(length => record('', { value: Buffer.alloc(length) }))
        batch.add([entry])
        const parts = []
        for (let sent = 0; sent < batch.records.length; ) {
          const part = batch.part(sent, most)
          expect(part.length).toBeGreaterThan(0)
          expect(part.length).toBeLessThanOrEqual(most)
          const bytes = part.reduce((sum, { value }) => sum + (value?.length ?? 0), 0)
          if (part.length > 1) expect(bytes).toBeLessThan(1_000_000)
          parts.push(...part)
          sent += part.length
        }
        expect(parts).toEqual(batch.records)
        expect(batch.part(batch.records.length, most)).toEqual([])
      }),
      { numRuns: 50 },
    )
  })

  it('has the position of the last exchange that has one', () => {
    const entries = [5n, undefined, 7n, undefined].map(position => Object.assign(entryOf(1), { position }))
    const batch = new Batch(1)
    batch.add(entries.slice(0, 2))
    expect(batch.position).toBe(5n)
    batch.add(entries.slice(2))
    expect(batch.position).toBe(7n)
  })
})

describe('an entry', () => {
  it('is settled once: what comes later changes nothing', async () => {
    const exchange = newExchange()
    const entry = new Entry(owner, exchange)
    let ended = 0
    const waits = Promise.resolve(entry.onComplete(exchange)).then(() => ended++)
    entry.settle()
    entry.fail(new Error('too late'))
    entry.settle()
    await waits
    expect(ended).toBe(1)
    expect(exchange.failed).toBe(false)
  })

  it('tells nobody of an end that comes after it was settled', () => {
    let told = 0
    const counting = { ...owner, completed: () => told++, failed: () => told++ }
    const exchange = newExchange()
    const entry = new Entry(counting, exchange)
    entry.fail(new Error('over'))
    entry.onFailure(exchange)
    expect(entry.onComplete(exchange)).toBeUndefined()
    expect(told).toBe(0)
  })
})
