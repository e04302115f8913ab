import { setTimeout as wait } from 'node:timers/promises'
import type { MemberProcess } from '@dromedary/testing/harness'
import { expect, inject, it } from 'vitest'
import { insideOf, jailed, jailUnavailable, MEET, statusOf } from '../../../scripts/ship/jail.ts'
import { LEADS, set, temporaryFolder } from '../test/members.ts'
import { formOf } from './support/forms.ts'
import { groupOf } from './support/group.ts'

const built = inject('built')
const NODE = '/usr/local/bin/node'
const settings = (meet: string) => set(`cluster.file.root=${meet}`, 'node.namespace=camel-master')
const count = (member: MemberProcess, what: string) => member.lines.matching(new RegExp(`^${what} \\d+$`)).length
/** From outside of its namespace, as a container runtime does. */
const send = (member: MemberProcess, signal: NodeJS.Signals) => process.kill(insideOf(member), signal)

it.skipIf(jailUnavailable()).for([
  ['the application folder', built.fixturesRoot, [NODE, '/app/dist/loaded.js']],
  ['the native executable', built.loadedRoot, ['/app/application']],
] as const)('%s ends its work and hands over, and a second signal changes nothing', async ([, root, command], test) => {
  const meet = temporaryFolder(test)
  const members = groupOf(test)
  const leader = await members.spawn(jailed(root, meet, [...command, ...settings(MEET)]))
  await leader.waitForLine('began 19')
  const follower = await members.spawn({ ...formOf('built', built), args: settings(meet) })
  await follower.waitForLine('HeartBeating')

  send(leader, 'SIGTERM')
  await leader.waitForLine('SIGTERM: stopping')
  send(leader, 'SIGTERM')
  await leader.waitForLine('SIGTERM: already stopping')
  send(leader, 'SIGINT')
  await leader.waitForLine('SIGINT: already stopping')
  const [began, ended] = [count(leader, 'began'), count(leader, 'ended')]
  expect(began - ended).toBe(20)
  const { at } = await follower.waitForLine(LEADS)

  expect(await leader.exited).toMatchObject({ code: 0, signal: null })
  // All that was under way has ended, nothing new has begun, and only then the other one led.
  expect([count(leader, 'began'), count(leader, 'ended')]).toEqual([began, began])
  expect(leader.lines.all.filter(line => line.text.startsWith('ended') && line.at > at)).toEqual([])
  expect(follower.lines.matching(LEADS)[0]).toContain('(released)')
})

it.skipIf(jailUnavailable())('a SIGTERM while the application is loaded is answered once it has been', async test => {
  const members = groupOf(test)
  const command = [NODE, '/app/dist/main.js', ...settings(MEET)]
  const member = await members.spawn(jailed(built.fixturesRoot, temporaryFolder(test), command))
  await member.waitForLine('loading')
  send(member, 'SIGTERM')
  expect(await member.exited).toMatchObject({ code: 0, signal: null })
  expect(member.lines.all.map(({ text }) => text)).toEqual(['loading', expect.stringContaining('SIGTERM: stopping')])
})

it.skipIf(jailUnavailable()).for([
  ['the application folder', built.imageRoot, [NODE, '/app/dist/main.js']],
  ['the native executable', built.nativeRoot, ['/app/application']],
] as const)('%s heeds a SIGTERM from the first moment that code of its own runs', async ([, root, command], test) => {
  const members = groupOf(test)
  const member = await members.spawn(jailed(root, temporaryFolder(test), [...command, ...settings(MEET)]))
  while (member.running && !holdsSignals(member)) await wait(1)
  expect(member.lines.all).toEqual([])
  send(member, 'SIGTERM')
  expect(await member.exited).toMatchObject({ code: 0, signal: null })
})

/**
 * Whether it has a handler for SIGHUP, the last of those that it listens to. Of SIGTERM that would say nothing: Node has one
 * of its own from its start, which then asks for the default, and process 1 has none.
 */
function holdsSignals(member: MemberProcess): boolean {
  try {
    const pid = insideOf(member)
    // Before it, the shell that makes the jail is process 1, as root.
    return statusOf(pid, 'Uid').startsWith('65532') && (BigInt(`0x${statusOf(pid, 'SigCgt')}`) & 1n) === 1n
  } catch {
    return false
  }
}
