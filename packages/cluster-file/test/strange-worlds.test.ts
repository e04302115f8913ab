import { execFileSync } from 'node:child_process'
import { mkdir, readdir, rename, rm, symlink, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as realSleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { Stage } from './support/stage.ts'

it.skipIf(process.platform === 'win32')(
  'a copy of the folder in its place: a copied socket proves no death',
  async () => {
    await using stage = await Stage.create()
    const leader = await stage.leader('leader')
    leader.freeze()
    execFileSync('cp', ['-a', stage.root, `${stage.root}.copy`])
    await rename(stage.root, `${stage.root}.old`)
    await rename(`${stage.root}.copy`, stage.root)
    const other = await stage.member('other')
    other.compete()
    await stage.pass(3000)
    expect([leader.valid, other.valid]).toEqual([true, false])
    await rm(`${stage.root}.old`, { recursive: true })
  },
)

it('a log sink that throws after the grant: what is released is valid no more', async () => {
  await using stage = await Stage.create()
  let thrown = 0
  const one = await stage.member('one', {
    log: {
      isEnabled: () => true,
      write: ({ message }) => {
        if (message.startsWith('leader of') && thrown++ === 0) throw new Error('a sink that must not throw')
      },
    },
  })
  one.compete()
  await stage.settle()
  const two = await stage.member('two')
  two.compete()
  await stage.pass(3000)
  expect(thrown).toBeGreaterThan(0)
  expect(one.valid !== two.valid).toBe(true)
})

it('a dangling link in the lock is no reason to hurry, and is removed when it is stale', async () => {
  await using stage = await Stage.create()
  await mkdir(join(stage.root, 'ns.lock'))
  await symlink('/nowhere', join(stage.root, 'ns.lock', 'x'))
  const member = await stage.member('member')
  member.calls = []
  member.compete()
  await realSleep(50)
  expect(member.calls.length).toBeLessThan(40)
  await stage.until('it leads', () => member.valid)
})

it('a record that vanished before it was read: its claim says how long to wait', async () => {
  await using stage = await Stage.create()
  const leader = await stage.member('leader', { stale: 60_000, update: 20_000 })
  leader.compete()
  await stage.until('it leads', () => leader.valid)
  leader.freeze()
  const other = await stage.member('other', { stale: 5000 })
  other.stopWhere((call, phase) => phase === 'after' && call === 'readdir ns.lock')
  other.compete()
  await stage.until('it stops', () => other.frozen)
  for (const name of await readdir(join(stage.root, 'ns.lock'))) await unlink(join(stage.root, 'ns.lock', name))
  other.wake()
  await stage.pass(20_000)
  expect([leader.valid, other.valid]).toEqual([true, false])
})

it('a participant that withdraws while it is told of its term leaves no leader behind', async () => {
  await using stage = await Stage.create()
  const member = await stage.member('member')
  const campaign = member.service.campaign('ns', { participant: 'route' })
  campaign.leadership.subscribe(leadership => {
    if (!leadership) return
    leadership.closing.addEventListener('abort', () => leadership.drained())
    void campaign[Symbol.asyncDispose]()
  })
  await stage.pass(3000)
  expect(member.state?.role).toBe('off')
  expect(member.state?.leader).toBeUndefined()
  expect(await stage.records()).toEqual([])
})
