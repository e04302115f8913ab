import { beforeEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../../testing/src/fake-clock.ts'
import { Chronicle } from '../src/cluster.ts'

const lines: string[] = []
const log = { info: (line: string) => void lines.push(line) }
const clock = new FakeClock()
let chronicle: Chronicle

beforeEach(() => {
  lines.length = 0
  chronicle = new Chronicle('ns', clock, log as never)
})

describe('a chronicle', () => {
  it('tells of each term once, and how long nobody led before it', async () => {
    chronicle.leads({ id: 'a', term: 1n, own: false })
    chronicle.leads({ id: 'a', term: 1n, own: false })
    chronicle.ended('process ended', clock.monotonic())
    await clock.advance(30)
    chronicle.leads({ id: 'b', term: 2n, own: true })
    expect(lines).toEqual([
      'leader of ns is a, term 1',
      'leader of ns is this member, b, term 2, after 30 ms without a leader (process ended)',
    ])
  })

  it('is not told by late news that a term of its own goes on, which it has ended', () => {
    const own = { id: 'a', term: 1n, own: true }
    chronicle.leads(own)
    chronicle.ended('released', clock.monotonic())
    chronicle.leads(own)
    expect(chronicle.leader).toBeUndefined()
    expect(lines).toHaveLength(1)
    chronicle.leads({ ...own, term: 2n })
    expect(chronicle.leader).toEqual({ id: 'a', term: 2n })
  })

  it('believes a leader again that was thought to be gone, and renews', () => {
    const other = { id: 'b', term: 1n, own: false }
    chronicle.leads(other)
    chronicle.ended('expired', clock.monotonic())
    chronicle.leads(other)
    expect(chronicle.leader).toEqual({ id: 'b', term: 1n })
  })
})
