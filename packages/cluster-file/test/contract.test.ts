import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sleep, systemClock } from '@dromedary/core'
import type { ClusterService } from '@dromedary/core/cluster'
import { SkewedClock } from '@dromedary/testing'
import { clusterServiceContract } from '@dromedary/testing/contracts'
import { createFileClusterService } from '../src/index.ts'
import { hookedFs, ioError } from './support/hooked-fs.ts'

const STALE_MS = 2000
const INTERVAL_MS = 200

clusterServiceContract({
  name: 'file',
  concurrent: true,
  timeoutMs: 60_000,
  claims: {
    kill: 'only a process can be killed: see real-processes.test.ts',
    'clock-jump': 'runs on the real clock: see real-processes.test.ts',
    'wall-step': true,
    'store-faults': true,
  },
  async create() {
    const root = await mkdtemp(join(tmpdir(), 'dromedary-contract-'))
    const members: ClusterService[] = []
    const clocks = new Map<ClusterService, SkewedClock>()
    let broken = false
    const fs = hookedFs({
      before(call, path) {
        if (broken) throw ioError('EIO', call, path)
      },
    })
    return {
      timing: {
        closeAfterMs: (STALE_MS * 2) / 3,
        hardEndAfterMs: STALE_MS * 0.99 - 350,
        takeoverMs: STALE_MS + INTERVAL_MS + 500,
        handoverMs: 500,
        standBackMs: 6000,
      },
      stepMs: 10,
      member({ id } = {}) {
        const clock = new SkewedClock(systemClock)
        const member = createFileClusterService({
          root,
          stale: STALE_MS,
          acquireLockInterval: INTERVAL_MS,
          clock,
          fs,
          ...(id && { id }),
        })
        members.push(member)
        clocks.set(member, clock)
        return member
      },
      advance: async ms => {
        await sleep(systemClock, ms)
      },
      stepWall: (member, ms) => clocks.get(member)?.stepWall(ms),
      breakStore: () => {
        broken = true
      },
      healStore: () => {
        broken = false
      },
      async dispose() {
        broken = false
        await Promise.all(members.map(member => member.stop({ drainMs: 0 })))
        await rm(root, { recursive: true, force: true, maxRetries: 3 })
      },
    }
  },
})
