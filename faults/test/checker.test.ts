import { describe, expect, it } from 'vitest'
import type { FaultEvent } from '../src/log/events.ts'
import { check } from '../src/verdict/check.ts'

const of = (member: string, term: number) => ({ member, namespace: 'ns', term: String(term) })
const lease = (member: string, term: number, at: number, end: number): FaultEvent => ({
  kind: 'lease',
  at,
  ...of(member, term),
  end,
})
const valid = (member: string, term: number, at: number, participant = 'p'): FaultEvent => ({
  kind: 'valid',
  at,
  ...of(member, term),
  participant,
})
const ended = (member: string, term: number, at: number, stillValid = false, participant = 'p'): FaultEvent => ({
  kind: 'ended',
  at,
  ...of(member, term),
  participant,
  reason: 'stopped',
  valid: stillValid,
})
const kill = (member: string, at: number): FaultEvent => ({ kind: 'kill', at, member })
const exchange = (member: string, term: number, at: number, asked = true): FaultEvent => ({
  kind: 'exchange',
  at,
  ...of(member, term),
  participant: 'p',
  asked,
})
const counts = (events: FaultEvent[], exchanges: FaultEvent[] = []) => {
  const { overlaps, reused, invalid } = check(events, exchanges)
  return [overlaps.length, reused.length, invalid.length]
}

describe('a term lasts from its first announcement to the earliest of', () => {
  const successor = [lease('b', 2, 50, 150), valid('b', 2, 51)]

  it('its last hard end', () => {
    expect(counts([lease('a', 1, 0, 49), ...successor])).toEqual([0, 0, 0])
    expect(counts([lease('a', 1, 0, 51), ...successor])).toEqual([1, 0, 0])
    expect(counts([lease('a', 1, 0, 20), lease('a', 1, 10, 51), ...successor])).toEqual([1, 0, 0])
  })

  it('its own word that it ended', () => {
    expect(counts([lease('a', 1, 0, 100), ended('a', 1, 49), ...successor])).toEqual([0, 0, 0])
    expect(counts([lease('a', 1, 0, 100), ...successor, ended('a', 1, 52)])).toEqual([1, 0, 0])
  })

  it('but not that word while isValid() still says yes', () => {
    expect(check([lease('a', 1, 0, 100), ended('a', 1, 49, true), ...successor]).overlaps).toHaveLength(2)
  })

  it('and not the word of one participant while another leads', () => {
    const both = [lease('a', 1, 0, 100), valid('a', 1, 1), valid('a', 1, 1, 'q'), ended('a', 1, 40)]
    expect(counts([...both, ...successor])).toEqual([1, 0, 0])
    expect(counts([...both, ended('a', 1, 49, false, 'q'), ...successor])).toEqual([0, 0, 0])
    expect(
      counts([...both, exchange('a', 1, 45), { ...exchange('a', 1, 45), participant: 'q' } as FaultEvent]),
    ).toEqual([0, 0, 1])
  })

  it('its death, wherever the log has it', () => {
    expect(counts([lease('a', 1, 0, 100), kill('a', 49), ...successor])).toEqual([0, 0, 0])
    expect(counts([lease('a', 1, 0, 100), ...successor, kill('a', 49)])).toEqual([0, 0, 0])
    expect(counts([lease('a', 1, 0, 100), ...successor, kill('c', 49)])).toEqual([1, 0, 0])
    expect(counts([lease('a', 1, 0, 100), kill('a', 49), ...successor, kill('a', 60)])).toEqual([0, 0, 0])
  })
})

describe('terms', () => {
  it('overlap also when one lies within the other, and with a third one later', () => {
    const events = [lease('a', 1, 0, 100), lease('b', 2, 10, 20), lease('c', 3, 90, 120)]
    expect(counts(events)).toEqual([2, 0, 0])
  })

  it('of different namespaces have nothing to do with each other', () => {
    expect(counts([lease('a', 1, 0, 100), { ...lease('b', 1, 50, 150), namespace: 'other' } as FaultEvent])).toEqual([
      0, 0, 0,
    ])
  })

  it('may not be used twice, decrease, or come back after their end', () => {
    expect(counts([lease('a', 1, 0, 10), lease('b', 1, 20, 30)])).toEqual([0, 1, 0])
    expect(counts([lease('a', 2, 0, 10), lease('b', 1, 20, 30)])).toEqual([0, 1, 0])
    expect(counts([lease('a', 1, 0, 10), ended('a', 1, 5), lease('a', 1, 6, 20)])).toEqual([0, 1, 0])
  })

  it('must be announced before they are used', () => {
    expect(counts([valid('a', 1, 5)])).toEqual([0, 1, 0])
  })

  it('leave gaps, measured from the end of one to isValid() of the next, until the scenario is over', () => {
    const first = lease('a', 1, 0, 100)
    expect(check([first, lease('b', 2, 120, 200), valid('b', 2, 130)]).leaderlessMs).toBe(30)
    const finish: FaultEvent = { kind: 'finish', at: 110, member: 'harness' }
    expect(check([first, finish, lease('b', 2, 120, 200), valid('b', 2, 130)]).leaderlessMs).toBe(0)
  })
})

describe('an exchange is invalid', () => {
  const events = [lease('a', 1, 10, 100), lease('b', 2, 100, 200)]

  it('outside its term', () => {
    expect(counts(events, [exchange('a', 1, 10), exchange('a', 1, 100)])).toEqual([0, 0, 0])
    expect(counts(events, [exchange('a', 1, 9), exchange('a', 1, 101)])).toEqual([0, 0, 2])
  })

  it('after its member let go, or a higher term began', () => {
    expect(counts([...events, ended('a', 1, 50)], [exchange('a', 1, 51)])).toEqual([0, 0, 1])
    expect(counts([lease('a', 1, 10, 100), kill('a', 40), lease('b', 2, 50, 200)], [exchange('a', 1, 51)])).toEqual([
      0, 0, 1,
    ])
  })

  it('under a term that its member never had, or without a yes for it', () => {
    expect(counts(events, [exchange('b', 1, 50)])).toEqual([0, 0, 1])
    expect(counts(events, [exchange('a', 1, 50, false)])).toEqual([0, 0, 1])
  })

  it('never because its killed member ran on for a moment', () => {
    expect(counts([lease('a', 1, 10, 100), kill('a', 40)], [exchange('a', 1, 40.2)])).toEqual([0, 0, 0])
  })
})
