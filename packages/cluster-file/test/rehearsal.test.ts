import { randomUUID } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { systemClock } from '@dromedary/core'
import { leaseTiming } from '@dromedary/core/cluster'
import lockfile from 'proper-lockfile'
import { expect, it } from 'vitest'
import { hostIdentity } from '../src/host.ts'
import { rehearse } from '../src/rehearsal.ts'
import type { LockLibrary } from '../src/tenure.ts'

const parts = {
  clock: systemClock,
  random: Math.random,
  library: lockfile as unknown as LockLibrary,
  self: { id: 'a', incarnation: randomUUID() },
  host: hostIdentity(),
  timing: leaseTiming(60_000),
  updateMs: 20_000,
  staleMs: 60_000,
  intervalMs: 1_000,
}
const leftovers = () => readdirSync(tmpdir()).filter(name => name.startsWith('dromedary-rehearsal-'))

it('a rehearsal takes over from a dead holder, by proof and not by time, and leaves nothing behind', async () => {
  const before = leftovers()
  expect(await rehearse(parts, systemClock)).toBe(true)
  expect(leftovers().filter(name => !before.includes(name))).toEqual([])
})

it('a rehearsal that fails is no failure', async () => {
  const broken = { lock: () => Promise.reject(new Error('no')) } as unknown as LockLibrary
  expect(
    await rehearse({ ...parts, library: broken }, { ...systemClock, setTimeout: cb => systemClock.setTimeout(cb, 1) }),
  ).toBe(false)
})
