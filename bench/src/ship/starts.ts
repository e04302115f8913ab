import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@dromedary/core'
import { MemberGroup } from '@dromedary/testing/harness'
import { LEADS } from '../example.ts'
import type { Form } from './forms.ts'

/**
 * Milliseconds from the start of the process until it leads, by turns, in an empty folder each. From then on its
 * clustered route may fire. The first round, which fills the compile cache and the page cache, does not count.
 */
export async function startTimes(forms: readonly Form[], rounds: number): Promise<ReadonlyMap<Form, number[]>> {
  const times = new Map(forms.map(form => [form, [] as number[]]))
  for (let round = -1; round < rounds; round++) {
    // Another one is first in each round.
    const turn = Math.max(0, round) % forms.length
    for (const form of [...forms.slice(turn), ...forms.slice(0, turn)]) {
      const took = await timeToLead(form)
      if (round >= 0) times.get(form)?.push(took)
    }
  }
  return times
}

async function timeToLead(form: Form): Promise<number> {
  const root = mkdtempSync(join(tmpdir(), 'dromedary-bench-'))
  try {
    await using members = new MemberGroup()
    const before = systemClock.monotonic()
    const member = await members.spawn(form.member(root))
    const began = form.begins === undefined ? before : (await member.waitForLine(form.begins)).at
    const { at } = await member.waitForLine(LEADS)
    return at - began
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
