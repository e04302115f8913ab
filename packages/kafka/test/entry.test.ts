import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { fakeRoute } from '@dromedary/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { KafkaRecord } from '../src/client/port.ts'
import { Entry } from '../src/session/entry.ts'
import { record } from './support/workplace.ts'

const { context } = fakeRoute()
const owner = { completed: () => {}, failed: (entry: Entry) => entry.drop(), isBlocked: () => false }
const entryOf = () => new Entry(owner, context.createExchange())

describe('what an exchange sends', () => {
  it('is all there, in order, and no list of a sender is changed', () => {
    const lists = fc.array(fc.nat(3), { maxLength: 8 })
    fc.assert(
      fc.property(lists, fc.option(fc.nat(8)), (lengths, dropsAt) => {
        const entry = entryOf()
        let expected: KafkaRecord[] = []
        const sent = lengths.map((length, n) => {
          if (n === dropsAt) {
            entry.drop()
            expected = []
            expect(entry.isEmpty).toBe(true)
          }
          const list = Array.from({ length }, (_, at) => record(`${n}.${at}`))
          const copy = [...list]
          entry.add(list)
          expected.push(...copy)
          expect(entry.records).toEqual(expected)
          return { list, copy }
        })
        for (const { list, copy } of sent) expect(list).toEqual(copy)
      }),
    )
  })

  it.each([1, 2, 3])('is let go of once it is settled (%i sends)', async sends => {
    const entry = entryOf()
    const held: WeakRef<KafkaRecord>[] = []
    const send = () => {
      const one = record('x'.repeat(100))
      held.push(new WeakRef(one))
      entry.add([one])
    }
    for (let n = 0; n < sends; n++) send()
    entry.settle()
    // Only from the next turn on may what a WeakRef was asked for be freed.
    await new Promise(resolve => setImmediate(resolve))
    gc()
    expect(held.map(one => one.deref())).toEqual(held.map(() => undefined))
    expect(entry.records).toEqual([])
  })
})

/** Vitest's own processes do not expose it. */
function gc(): void {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}
