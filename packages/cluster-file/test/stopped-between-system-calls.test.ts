import { describe, expect, it } from 'vitest'
import { type Member, Stage } from './support/stage.ts'

/** A sleeper that woke up must not have touched its successor, and can still lead later, under a higher term. */
async function wakes(stage: Stage, sleeper: Member, successor: Member): Promise<void> {
  const term = successor.term
  const records = await stage.records()
  sleeper.wake()
  await stage.pass(4000)
  expect(await stage.records()).toEqual(records)
  expect(records).toHaveLength(1)
  expect(successor.valid).toBe(true)
  expect(successor.term).toBe(term)
  expect(sleeper.valid).toBe(false)
}

async function follows(stage: Stage, leader: Member, next: Member): Promise<void> {
  const term = leader.term ?? 0n
  const stopped = leader.service.stop()
  await stage.until('the next leads', () => next.valid)
  await stopped
  expect(next.term).toBeGreaterThan(term)
}

/** Plays with a stop before the first, second, … call of a phase, until the phase has no further call. */
async function everyCall(play: (stage: Stage, number: number) => Promise<boolean>): Promise<number> {
  for (let number = 1; number < 60; number++) {
    await using stage = await Stage.create()
    try {
      if (!(await play(stage, number))) return number - 1
    } catch (error) {
      const calls = stage.members.map(member => `${member.service.self.id}: ${member.calls.join(', ')}`)
      throw new Error(`stopped before call ${number}; ${calls.join('; ')}`, { cause: error })
    }
  }
  throw new Error('the phase does not end')
}

describe('a member stopped before any system call, past stale', { timeout: 60_000 }, () => {
  it.concurrent('of acquiring a free lock', async () => {
    const calls = await everyCall(async (stage, number) => {
      const sleeper = await stage.member('sleeper')
      sleeper.stopBefore(number)
      sleeper.compete()
      await stage.until('it stops, or leads', () => sleeper.frozen || sleeper.valid)
      if (!sleeper.frozen) return false
      const rival = await stage.member('rival')
      rival.compete()
      await stage.until('the rival leads', () => rival.valid)
      await stage.pass(2000)
      await wakes(stage, sleeper, rival)
      await follows(stage, rival, sleeper)
      return true
    })
    expect(calls).toBeGreaterThan(12)
  })

  it.concurrent('of taking over from a frozen holder, which wakes later', async () => {
    const calls = await everyCall(async (stage, number) => {
      const holder = await stage.leader('holder')
      const sleeper = await stage.member('sleeper')
      sleeper.compete()
      await stage.pass(1000)
      holder.freeze()
      sleeper.stopBefore(number)
      await stage.until('it stops, or leads', () => sleeper.frozen || sleeper.valid)
      if (!sleeper.frozen) return false
      const rival = await stage.member('rival')
      rival.compete()
      await stage.until('the rival leads', () => rival.valid)
      await wakes(stage, sleeper, rival)
      await wakes(stage, holder, rival)
      const stopped = rival.service.stop()
      await stage.until('another leads', () => sleeper.valid || holder.valid)
      await stopped
      return true
    })
    expect(calls).toBeGreaterThan(12)
  })

  it.concurrent('of releasing', async () => {
    const calls = await everyCall(async (stage, number) => {
      const sleeper = await stage.leader('sleeper')
      const rival = await stage.member('rival')
      rival.compete()
      await stage.pass(1000)
      sleeper.stopBefore(number)
      const stopped = sleeper.service.stop()
      let done = false
      void stopped.then(() => {
        done = true
      })
      await stage.until('it stops, or has released', () => sleeper.frozen || done)
      if (!sleeper.frozen) return false
      await stage.until('the rival leads', () => rival.valid)
      await stage.pass(1000)
      await wakes(stage, sleeper, rival)
      await stopped
      return true
    })
    expect(calls).toBeGreaterThanOrEqual(3)
  })

  // The library renews by a real timer, after a second.
  const renewal = (call: string, phase: 'before' | 'after') => async () => {
    await using stage = await Stage.create()
    const sleeper = await stage.leader('sleeper')
    const rival = await stage.member('rival')
    rival.compete()
    await stage.settle()
    const term = sleeper.term
    let renewing = false
    sleeper.stopWhere((text, at) => {
      // The first stat of its own record is the beginning of a renewal: nothing else looks while no time passes.
      if (text.startsWith('stat ')) renewing = true
      return renewing && text.startsWith(`${call} `) && at === phase
    })
    for (let tries = 0; !sleeper.frozen && tries < 3000; tries++) await stage.settle()
    expect(sleeper.frozen).toBe(true)
    expect(sleeper.term).toBe(term)
    await stage.until('the rival leads', () => rival.valid)
    await wakes(stage, sleeper, rival)
    await follows(stage, rival, sleeper)
  }
  it.concurrent('before the look of a renewal', renewal('stat', 'before'))
  it.concurrent('between look and renewal', renewal('utimes', 'before'))
  it.concurrent('after a renewal, before its answer: an end that has passed is final', renewal('utimes', 'after'))
})

describe('a follower stopped while it looks at a living holder', { timeout: 30_000 }, () => {
  it.concurrent.each(['before', 'after'] as const)(
    '%s its look: its own pause is not the holder’s silence',
    async phase => {
      await using stage = await Stage.create()
      const holder = await stage.leader('holder')
      const sleeper = await stage.member('sleeper')
      sleeper.compete()
      await stage.pass(1000)
      sleeper.stopWhere((text, at) => text.startsWith('stat ') && at === phase)
      await stage.until('it stops', () => sleeper.frozen)
      // Renewed by the library's real timer; the fake clock goes on only when that has happened.
      for (let renewals = 0; renewals < 2; renewals++) {
        holder.calls = []
        while (!holder.calls.some(call => call.startsWith('utimes'))) await stage.settle()
        await stage.settle()
        await stage.pass(12_000)
      }
      expect(holder.valid).toBe(true)
      const records = await stage.records()
      sleeper.wake()
      await stage.pass(1000)
      expect(await stage.records()).toEqual(records)
      expect(holder.valid).toBe(true)
      expect(sleeper.valid).toBe(false)
    },
  )
})
