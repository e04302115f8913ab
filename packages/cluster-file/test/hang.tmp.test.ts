import { rm } from 'node:fs/promises'
import { it } from 'vitest'
import { Stage } from './support/stage.ts'
it('hang', { timeout: 120_000 }, async () => {
  for (let n = 0; n < 60; n++) {
    const stage = await Stage.create()
    const leader = await stage.leader('leader')
    const follower = await stage.member('follower')
    follower.compete()
    await stage.pass(1000)
    const first = leader.term ?? 0n
    leader.calls = []; follower.calls = []
    let where = 'rm'
    const t = setTimeout(() => {
      console.log(n, where, stage.running, 'leader', leader.calls.length, leader.calls.slice(-12), leader.states.at(-1)?.role, (leader.service as any).dbg?.(), 'follower', follower.calls.length, follower.calls.slice(-12), follower.states.at(-1))
    }, 4000)
    await rm(stage.root, { recursive: true }).catch(e => (where += e.code))
    where += ' until'
    if (n % 2) await stage.until('x', () => (leader.term ?? 0n) > first || follower.valid)
    where += ' dispose'
    await stage[Symbol.asyncDispose]()
    clearTimeout(t)
  }
})
