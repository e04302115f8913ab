import type { MemberProcess } from '@dromedary/testing/harness'
import { describe, expect, inject, it } from 'vitest'
import { FIRED, fired, LEADS, set, temporaryFolder } from '../test/members.ts'
import { type Form, formOf } from './support/forms.ts'
import { groupOf } from './support/group.ts'

const built = inject('built')
const PAIRS: readonly (readonly [Form, Form])[] = [
  ['built', 'built'],
  ['native', 'native'],
  ['built', 'native'],
  ['native', 'built'],
]
/** What a terminal does at Ctrl-C: the signal goes to the whole process group. */
const interrupt = ({ pid }: MemberProcess) => process.kill(-pid, 'SIGINT')

describe.for(PAIRS)('%s leads, %s follows', ([leading, following]) => {
  it.for([
    ['Ctrl-C', 130, null, 'released'],
    ['kill -9', null, 'SIGKILL', 'process ended'],
  ] as const)('%s of the leader: the other takes over', async ([how, code, signal, reason], test) => {
    const folder = temporaryFolder(test)
    const members = groupOf(test, { args: set(`cluster.file.root=${folder}`) })
    const leader = await members.spawn(formOf(leading, built))
    await leader.waitForLine(FIRED)
    const follower = await members.spawn(formOf(following, built))
    await follower.waitForLine('HeartBeating route')
    expect(fired(follower)).toBe(0)

    const from = follower.lines.all.length
    if (how === 'Ctrl-C') interrupt(leader)
    else leader.kill()
    const { text, at } = await follower.waitForLine(LEADS, { from })
    expect(text).toContain(`(${reason})`)
    expect(await leader.exited).toMatchObject({ code, signal })
    await follower.waitForLine(FIRED, { from })
    // Nothing was fired by the old one when the new one led.
    expect(leader.lines.all.filter(line => line.text.includes(FIRED) && line.at > at)).toEqual([])
    expect(
      [...leader.lines.all, ...follower.lines.all].filter(line => / (WARN|ERROR) |^\s+at /.test(line.text)),
    ).toEqual([])
    interrupt(follower)
    expect(await follower.exited).toMatchObject({ code: 130 })
  })
})
