import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as realSleep } from 'node:timers/promises'
import { type LogRecord, sleep, systemClock } from '@dromedary/core'
import type { ClusterState, Leadership } from '@dromedary/core/cluster'
import { expect, it } from 'vitest'
import { createFileClusterService } from '../src/index.ts'
import { hookedFs, ioError } from './support/hooked-fs.ts'
import { Stage } from './support/stage.ts'

it('failures are counted, logged once per change, and seen in health; the loop goes on', async () => {
  const root = await mkdtemp(join(tmpdir(), 'dromedary-failures-'))
  let code: string | undefined
  const records: LogRecord[] = []
  const fs = hookedFs({
    before(call, path) {
      if (code !== undefined) throw ioError(code, call, path)
    },
  })
  const log = { isEnabled: () => true, write: (record: LogRecord) => void records.push(record) }
  const member = createFileClusterService({ root, fs, log, env: {}, acquireLockInterval: 20 })
  const states: ClusterState[] = []
  member.observe('ns').subscribe(state => states.push(state))
  await member.start()
  code = 'EIO'
  member.campaign('ns', { participant: 'route' })
  await expect.poll(() => states.at(-1)?.health.failures).toBeGreaterThan(3)
  code = 'ENOSPC'
  const failures = states.at(-1)?.health.failures ?? 0
  await expect.poll(() => states.at(-1)?.health.failures).toBeGreaterThan(failures + 3)
  expect(states.at(-1)?.health.status).toBe('degraded')
  expect(states.at(-1)?.health.error?.code).toBe('DROMEDARY_CLUSTER_BACKEND')
  code = undefined
  await expect.poll(() => states.at(-1)?.health).toEqual({ status: 'up', failures: 0 })
  await expect.poll(() => states.at(-1)?.role).toBe('leader')
  const lines = records.map(({ level, message }) => `${level} ${message}`).filter(line => /folder of/.test(line))
  expect(lines).toHaveLength(3)
  expect(lines[0]).toMatch(/^warn .*a round failed: EIO/)
  expect(lines[1]).toMatch(/^warn .*a round failed: ENOSPC/)
  expect(lines[2]).toMatch(/^info .*works again, after \d+ failures/)
  await member.stop()
  await rm(root, { recursive: true, force: true })
})

it('stop returns although the folder does not answer any more', async () => {
  const root = await mkdtemp(join(tmpdir(), 'dromedary-failures-'))
  let hangs = false
  const released = Promise.withResolvers<void>()
  const fs = hookedFs({
    before: () => (hangs ? released.promise : undefined),
  })
  const member = createFileClusterService({ root, fs, env: {}, acquireLockInterval: 20 })
  await member.start()
  member.observe('ns')
  await sleep(systemClock, 50)
  hangs = true
  await sleep(systemClock, 50)
  const before = systemClock.monotonic()
  await member.stop()
  expect(systemClock.monotonic() - before).toBeLessThan(5000)
  released.resolve()
  await sleep(systemClock, 50)
  await rm(root, { recursive: true, force: true })
})

it('a member that could not take its own record away has seen no other lead: it stands back for two intervals (I5)', async () => {
  const root = await mkdtemp(join(tmpdir(), 'dromedary-failures-'))
  const [stale, interval] = [2_000, 1_000]
  let failing = 0
  const fs = hookedFs({
    before(call, path) {
      if (failing === 0 || call !== 'unlink' || !path.includes('ns.lock')) return
      failing -= 1
      throw ioError('EIO', call, path)
    },
  })
  const random = () => 1
  const member = createFileClusterService({ root, fs, env: {}, stale, acquireLockInterval: interval, random })
  await member.start()
  const terms: { readonly leadership: Leadership; readonly at: number }[] = []
  member.campaign('ns', { participant: 'route' }).leadership.subscribe(leadership => {
    if (!leadership) return
    terms.push({ leadership, at: systemClock.monotonic() })
    leadership.closing.addEventListener('abort', () => leadership.drained())
  })
  await expect.poll(() => terms.length).toBe(1)
  await sleep(systemClock, 300)
  failing = 2
  const resigned = systemClock.monotonic()
  terms[0]?.leadership.resign('cannot start')
  await expect.poll(() => terms.length, { timeout: 8_000 }).toBe(2)
  // Its own record has to grow stale first; the last sign of life came a little before.
  expect((terms[1]?.at ?? 0) - resigned).toBeGreaterThan(stale + 2 * interval - 500)
  await member.stop({ drainMs: 0 })
  await rm(root, { recursive: true, force: true })
})

it('update: how often the leader renews', async () => {
  const renewals = async (update: number) => {
    await using stage = await Stage.create()
    const leader = await stage.member('leader', { update })
    leader.compete()
    await stage.until('it leads', () => leader.valid)
    // The library renews by real timers.
    await realSleep(2600)
    return leader.calls.filter(call => call.startsWith('utimes')).length
  }
  const [often, seldom] = await Promise.all([renewals(1000), renewals(2000)])
  expect(often).toBeGreaterThan(seldom)
  expect(seldom).toBeGreaterThan(0)
})
