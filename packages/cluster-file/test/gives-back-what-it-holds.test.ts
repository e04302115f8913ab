import type { EventEmitter } from 'node:events'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Stage } from './support/stage.ts'

it('a lock whose end passed before it could lead is given back at once', async () => {
  await using stage = await Stage.create()
  const leader = await stage.leader('leader')
  leader.freeze()
  await rm(join(stage.root, 'ns.lock'), { recursive: true })
  const next = await stage.member('next')
  next.compete()
  // It holds the lock and waits for the leader's end; the library renews by a real timer.
  next.stopWhere((call, phase) => call.startsWith('utimes ') && phase === 'after')
  for (let tries = 0; !next.frozen && tries < 3000; tries++) await stage.settle()
  expect([next.frozen, next.valid]).toEqual([true, false])
  const [held] = await stage.records()
  await stage.pass(21_000)
  next.wake()
  await stage.pass(1000)
  expect(next.valid).toBe(true)
  expect(await stage.records()).not.toContain(held)
  expect(await readdir(join(stage.root, 'sockets'))).not.toContain(held)
})

/** What the library's exit hook does, without the exit. */
function exitHook(): void {
  const { __signal_exit_emitter__: emitter } = process as unknown as { __signal_exit_emitter__?: EventEmitter }
  expect(emitter?.listenerCount('exit')).toBeGreaterThan(0)
  emitter?.emit('exit', null, 'SIGTERM')
}

it('a process that survives its exit hook leads again, and gives back what it holds', async () => {
  await using stage = await Stage.create()
  const leader = await stage.leader('leader')
  const first = leader.term ?? 0n
  const [held] = await stage.records()
  exitHook()
  expect(leader.valid).toBe(false)
  expect(await stage.records()).toEqual([])
  await stage.until('it leads again', () => leader.valid, 3000)
  expect(leader.term).toBeGreaterThan(first)
  await stage.pass(1000)
  expect(await readdir(join(stage.root, 'sockets'))).not.toContain(held)
  const next = await stage.member('next')
  next.compete()
  await stage.pass(1000)
  await leader.service.stop()
  await stage.pass(1000)
  expect(next.valid).toBe(true)
  expect(next.state?.lastChange?.reason).toBe('released')
})

it('work that outlives the exit hook of a process that survives: its record stays until it has drained', async () => {
  await using stage = await Stage.create()
  const member = await stage.member('member')
  const campaign = member.service.campaign('ns', { participant: 'stubborn' })
  let drain: (() => void) | undefined
  campaign.leadership.subscribe(leadership => {
    if (!drain) drain = leadership && (() => leadership.drained())
    else leadership?.closing.addEventListener('abort', () => leadership.drained())
  })
  await stage.until('it leads', () => drain !== undefined)
  const records = await stage.records()
  exitHook()
  await stage.pass(1000)
  expect(await stage.records()).toEqual(records)
  expect(member.state?.leader).toBeUndefined()
  drain?.()
  await stage.pass(1000)
  expect(await stage.records()).not.toEqual(records)
})
