import { cp, rename, symlink, mkdir, readdir, unlink, writeFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Stage } from './support/stage.ts'

it('R-copy', async () => {
  await using stage = await Stage.create()
  const leader = await stage.leader('leader')
  leader.freeze() // renews later
  await cp(stage.root, `${stage.root}.copy`, { recursive: true, filter: s => !s.includes('/sockets/') })
  // node's cp refuses sockets; cp -a makes them
  const { execFileSync } = await import('node:child_process')
  await rm(`${stage.root}.copy`, { recursive: true })
  execFileSync('cp', ['-a', stage.root, `${stage.root}.copy`])
  await rename(stage.root, `${stage.root}.old`)
  await rename(`${stage.root}.copy`, stage.root)
  const b = await stage.member('b')
  b.compete()
  await stage.settle()
  await new Promise(r => setTimeout(r, 300))
  await rm(`${stage.root}.old`, { recursive: true })
  expect([leader.valid, b.valid]).toEqual([true, false])
})

it('R-log', async () => {
  await using stage = await Stage.create()
  let thrown = 0
  const a = await stage.member('a', {
    log: { isEnabled: () => true, write: r => { if (r.message.startsWith('leader of') && thrown++ === 0) throw new Error('sink') } },
  })
  a.compete()
  await stage.settle()
  await new Promise(r => setTimeout(r, 100))
  const b = await stage.member('b')
  b.compete()
  await stage.settle()
  await new Promise(r => setTimeout(r, 300))
  expect(thrown).toBeGreaterThan(0)
  expect([a.valid, b.valid]).toEqual([true, false])
})

it('R-symlink', async () => {
  await using stage = await Stage.create()
  await mkdir(join(stage.root, 'ns.lock'))
  await symlink('/nowhere', join(stage.root, 'ns.lock', 'x'))
  const b = await stage.member('b')
  b.calls = []
  b.compete()
  for (let i = 0; i < 10; i++) { await stage.clock.advance(0); await new Promise(r => setTimeout(r, 5)) }
  console.log('calls without time', b.calls.length, b.valid, b.calls.slice(-8))
  await unlink(join(stage.root, 'ns.lock', 'x'))
  expect(b.calls.length).toBeLessThan(40)
})

it('R-vanished-unread', async () => {
  await using stage = await Stage.create()
  const a = await stage.member('a', { stale: 60_000, update: 20_000 })
  a.compete()
  await stage.until('a', () => a.valid)
  a.freeze()
  const b = await stage.member('b', { stale: 5_000 })
  b.stopWhere((call, phase) => phase === 'after' && call === 'readdir ns.lock')
  b.compete()
  for (let i = 0; i < 100 && !b.frozen; i++) { await stage.clock.advance(1); await new Promise(r => setTimeout(r, 2)) }
  expect(b.frozen).toBe(true)
  for (const n of await readdir(join(stage.root, 'ns.lock'))) await unlink(join(stage.root, 'ns.lock', n))
  b.wake()
  let twice = 0
  for (let i = 0; i < 40; i++) { await stage.clock.advance(500); await new Promise(r => setTimeout(r, 3)); if (a.valid && b.valid) twice++ }
  expect([a.valid, b.valid, twice]).toEqual([true, false, 0])
})

it('R-withdrawn in grant', async () => {
  await using stage = await Stage.create()
  const a = await stage.member('a')
  const c = a.service.campaign('ns', { participant: 'r' })
  c.leadership.subscribe(l => { if (!l) return; l.closing.addEventListener('abort', () => l.drained()); void c[Symbol.asyncDispose]() })
  await stage.pass(3000)
  expect(a.state).toMatchObject({ role: 'off' })
  expect(a.state?.leader).toBeUndefined()
})
