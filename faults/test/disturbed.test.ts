import { describe, expect, it } from 'vitest'
import { Disturbed, mustLead, undisturbed } from '../src/kubernetes/disturbed.ts'
import type { Member } from '../src/launch.ts'
import type { FaultEvent } from '../src/log/events.ts'

const leader = { member: { name: 'm1' } as Member, at: 0, term: '5' }
const closing = (reason: string, term = '5'): FaultEvent => ({
  kind: 'closing',
  at: 1,
  member: 'm1',
  namespace: 'faults',
  term,
  participant: 'main',
  reason,
  valid: false,
})
const look = (...events: FaultEvent[]) => mustLead({ events, mark: () => 0 }, leader)

describe('a leader that must keep its term', () => {
  it('may have lost another one', () => {
    expect(() => look(closing('taken', '4'))).not.toThrow()
  })

  it.each(['renewal-failed', 'stalled', 'clock'])('and lost it by itself (%s) disturbs the round', reason => {
    expect(() => look(closing(reason))).toThrow(Disturbed)
  })

  it.each(['taken', 'record-changed', 'stopped'])('and lost it to others (%s) breaks the scenario', reason => {
    expect(() => look(closing(reason))).toThrow(/^m1 lost its term: /)
    expect(() => look(closing(reason))).not.toThrow(Disturbed)
  })
})

describe('a disturbed round', () => {
  const play = async (disturbances: number, error: Error = new Disturbed('slow')) => {
    const figures: string[] = []
    let rounds = 0
    const round = async () => {
      if (++rounds <= disturbances) throw error
    }
    const failure = await undisturbed({ figures }, round).catch((error: unknown) => error)
    return { rounds, figures, failure }
  }

  it('is played again, visibly', async () => {
    const again = 'a round was played again: slow'
    expect(await play(2)).toEqual({ rounds: 3, figures: [again, again], failure: undefined })
  })

  it('is given up after the fourth time', async () => {
    expect(await play(9)).toMatchObject({ rounds: 4, failure: { message: 'slow' } })
  })

  it('is not one that went wrong', async () => {
    expect(await play(1, new Error('wrong'))).toMatchObject({ rounds: 1, figures: [], failure: { message: 'wrong' } })
  })
})
