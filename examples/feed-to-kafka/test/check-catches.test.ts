import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CheckedRecord, FeedCheck, report, type Verdict } from '../src/check/index.ts'

const TOTAL = 300
const PARTITIONS = 3

/** What a good run writes: keys in turns, each in its partition, by two leaders. */
function goodRecords(): CheckedRecord[] {
  const offsets = [0, 0, 0]
  return Array.from({ length: TOTAL }, (_, i) => {
    const seq = i + 1
    const key = `K${seq % 7}`
    const partition = (seq % 7) % PARTITIONS
    const offset = offsets[partition] ?? 0
    offsets[partition] = offset + 1
    return { partition, offset, key, seq, term: seq <= TOTAL / 2 ? 100n : 200n }
  })
}

function verdictOf(records: readonly CheckedRecord[], deadLetters: readonly string[] = []): Verdict {
  const check = new FeedCheck()
  for (const record of records) check.add(record)
  for (const line of deadLetters) check.addDeadLetter({ line })
  return check.verdict({ first: 1, last: TOTAL })
}

const at = (records: readonly CheckedRecord[], seq: number) => records.findIndex(record => record.seq === seq)
const any = fc.integer({ min: 1, max: TOTAL })
const last = (lines: readonly string[]) => lines.at(-1)

it('finds nothing where nothing is wrong, in whatever order the partitions are read', () => {
  const records = goodRecords()
  const verdict = verdictOf(records)
  expect(verdict).toMatchObject({ ok: true, records: TOTAL, terms: [100n, 200n], range: { first: 1, last: TOTAL } })
  expect(last(report(verdict))).toMatch(/^OK/)
  const byPartition = records.toSorted((a, b) => b.partition - a.partition || a.offset - b.offset)
  expect(verdictOf(byPartition).ok).toBe(true)
})

describe('catches', () => {
  it('a planted loss, wherever it is', () => {
    const property = fc.property(any, seq => {
      const records = goodRecords()
      records.splice(at(records, seq), 1)
      const verdict = verdictOf(records)
      expect(verdict).toMatchObject({ ok: false, missing: [{ first: seq, last: seq }] })
      expect(report(verdict)).toContain(`1 messages are missing: ${seq}`)
      expect(last(report(verdict))).toBe('WRONG')
    })
    fc.assert(property)
  })

  it('a planted duplicate, in its place or at the end', () => {
    const property = fc.property(any, fc.boolean(), (seq, atEnd) => {
      const records = goodRecords()
      const again = records[at(records, seq)] as CheckedRecord
      records.splice(atEnd ? TOTAL : at(records, seq), 0, { ...again, term: atEnd ? 200n : again.term })
      expect(verdictOf(records)).toMatchObject({ ok: false, repeats: 1, repeated: [seq] })
    })
    fc.assert(property)
  })

  it('a planted disorder within a partition', () => {
    const property = fc.property(fc.integer({ min: 1, max: TOTAL / 2 - 8 }), seq => {
      const records = goodRecords()
      // Seven further there is one of the same key.
      const [one, other] = [at(records, seq), at(records, seq + 7)]
      const swapped = records.with(one, records[other] as CheckedRecord).with(other, records[one] as CheckedRecord)
      const verdict = verdictOf(swapped)
      expect(verdict).toMatchObject({ ok: false, missing: [], repeats: 0 })
      expect(verdict.disorders).toBeGreaterThan(0)
    })
    fc.assert(property)
  })

  it('a planted decrease of the term', () => {
    const property = fc.property(fc.integer({ min: TOTAL / 2 + 8, max: TOTAL }), seq => {
      const records = goodRecords()
      const i = at(records, seq)
      records[i] = { ...(records[i] as CheckedRecord), term: 150n }
      const verdict = verdictOf(records)
      expect(verdict).toMatchObject({ ok: false, falls: 1, missing: [], repeats: 0, disorders: 0 })
      expect(verdict.fallen[0]).toContain('term 150 behind term 200')
    })
    fc.assert(property)
  })

  it('a record without a term, and a key in two partitions', () => {
    const records = goodRecords()
    const [first, second] = records as [CheckedRecord, CheckedRecord]
    expect(verdictOf(records.with(0, { ...first, term: undefined }))).toMatchObject({ ok: false, withoutTerm: 1 })
    const elsewhere = records.with(1, { ...second, partition: (second.partition + 1) % PARTITIONS })
    expect(verdictOf(elsewhere)).toMatchObject({ ok: false, scattered: [second.key] })
  })

  it('an empty topic', () => {
    expect(new FeedCheck().verdict()).toMatchObject({ ok: false, records: 0 })
    expect(last(report(new FeedCheck().verdict()))).toBe('WRONG')
  })
})

describe('a dead letter', () => {
  const without = (...numbers: number[]) => goodRecords().filter(({ seq }) => !numbers.includes(seq))

  it('stands for its message', () => {
    expect(verdictOf(without(10, 20), ['{"seq":10,"sym', '{"seq":20,"side":"?"}'])).toMatchObject({
      ok: true,
      deadLetters: 2,
    })
  })

  it('must not be there twice, nor besides its message, unless it has no position that could be kept', () => {
    const trade = '{"seq":20,"side":"?"}'
    expect(verdictOf(without(20), [trade, trade])).toMatchObject({ ok: false, repeated: [20] })
    expect(verdictOf(without(), [trade])).toMatchObject({ ok: false, repeated: [20] })
    expect(verdictOf(without(), ['{"seq":10,"sym'])).toMatchObject({ ok: false, repeated: [10] })
    const again = verdictOf(without(10), ['{"seq":10,"sym', '{"seq":10,"sym'])
    expect(again).toMatchObject({ ok: true, unreadableAgain: 1 })
    expect(report(again)).toContain('1 unreadable lines are there again, which a takeover may do')
  })
})

it('looks, where it is not told, only as far as every partition was read', () => {
  const check = new FeedCheck()
  const records = goodRecords()
  // The last ones of one partition have not been read yet.
  const behind = records.filter(({ partition, seq }) => partition !== 1 || seq <= 250)
  for (const record of behind.slice(10)) check.add(record)
  const { ok, range } = check.verdict()
  expect({ ok, first: range.first }).toEqual({ ok: true, first: 11 })
  expect(range.last).toBeLessThanOrEqual(250)
  expect(range.last).toBeGreaterThan(240)
})

it('tells of a gap as one', () => {
  const verdict = verdictOf(goodRecords().filter(({ seq }) => seq < 20 || seq > 29))
  expect(report(verdict)).toContain('10 messages are missing: 20 to 29')
})

it('tells of many faults only the first few', () => {
  const verdict = verdictOf(goodRecords().filter(({ seq }) => seq % 2 === 0))
  expect(report(verdict)).toContain('150 messages are missing: 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, …')
})
