import { describe, expect, it } from 'vitest'
import { eventually, FakeClock } from '../src/index.ts'

describe('eventually', () => {
  it('tries until it holds, and gives back what came out', async () => {
    const clock = new FakeClock()
    let tries = 0
    const found = eventually(() => (++tries < 4 ? false : `after ${tries}`), { clock, every: 10 })
    await clock.advance(100)
    expect(await found).toBe('after 4')
    expect(clock.pending).toBe(0)
  })

  it('takes a check that throws for one that does not hold yet, and its promise', async () => {
    let tries = 0
    const check = async () => {
      if (++tries < 3) throw new Error('not yet')
    }
    expect(await eventually(check, { every: 1 })).toBeUndefined()
  })

  it('gives up, saying what the last try said', async () => {
    const clock = new FakeClock()
    const failing = eventually(() => expect(1).toBe(2), { clock, within: 50, every: 10 })
    const result = expect(failing).rejects.toThrow(/not within 50 ms: expected 1 to be 2/)
    await clock.advance(60)
    await result
    const stays = eventually(() => false, { clock, within: 0 })
    await expect(stays).rejects.toThrow(/still false/)
  })
})
