import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { systemClock } from '@dromedary/core'
import { MemberGroup, type MemberProcess } from '@dromedary/testing/harness'
import { LEADS } from '../example.ts'
import type { Form } from './forms.ts'

export type Signal = 'SIGKILL' | 'SIGINT'

/** What it takes a follower after it knows the leader until nothing of its start is left to do. */
const SETTLE_MS = 500

/**
 * Milliseconds from the signal to the leader until the other of two members leads. After each one a new follower comes
 * up; with two forms they lead by turns.
 */
export async function takeovers(forms: readonly [Form, Form], signal: Signal, rounds: number): Promise<number[]> {
  const root = mkdtempSync(join(tmpdir(), 'dromedary-bench-'))
  try {
    await using members = new MemberGroup()
    const start = (i: number) => members.spawn((forms[i % 2] as Form).member(root))
    let leader = await start(0)
    await leader.waitForLine(LEADS)
    const times: number[] = []
    for (let round = 0; round < rounds; round++) {
      const follower = await start(round + 1)
      await follower.waitForLine('leader of camel-master is ')
      await wait(SETTLE_MS)
      times.push(await takeover(leader, follower, signal))
      leader = follower
    }
    return times
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

async function takeover(leader: MemberProcess, follower: MemberProcess, signal: Signal): Promise<number> {
  const from = follower.lines.all.length
  const before = systemClock.monotonic()
  leader.signal(signal)
  const { at } = await follower.waitForLine(LEADS, { from })
  await leader.exited
  return at - before
}
