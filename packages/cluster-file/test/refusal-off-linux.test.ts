import { createServer } from 'node:net'
import { join } from 'node:path'
import { FakeClock } from '@dromedary/testing'
import { expect, it } from 'vitest'
import { Holders } from '../src/holders.ts'
import { type Host, hostOf } from '../src/host.ts'
import { Layout } from '../src/layout.ts'
import { Ledger } from '../src/ledger.ts'
import { nodeLockFs } from '../src/lock-fs.ts'
import type { OwnerRecord } from '../src/owner-record.ts'
import { probeHolder, socketFile } from '../src/sentinel.ts'
import { hookedFs } from './support/hooked-fs.ts'
import { Stage } from './support/stage.ts'

const error = (code: string) => () => {
  throw Object.assign(new Error(code), { code })
}
const lives = () => true

/** A holder whose socket is there and refuses, and whose record is gone. */
async function refusing(stage: Stage) {
  const layout = new Layout(stage.root, 'ns')
  for (const folder of [...layout.folders, layout.lock]) await nodeLockFs.mkdir(folder)
  const nonce = layout.newNonce()
  const socket = layout.socket(nonce)
  const first = createServer()
  await new Promise<void>(resolve => first.listen(join(layout.sockets, 'first'), resolve))
  await nodeLockFs.rename(join(layout.sockets, 'first'), socket)
  await new Promise(resolve => first.close(resolve))
  const times = { updateMs: 1000, staleMs: 5000, intervalMs: 1000 }
  const who = { namespace: 'ns', id: 'holder', incarnation: 'i', pid: 4711, host: 'here' }
  const record: OwnerRecord = { nonce, socket, socketFile: await socketFile(nodeLockFs, socket), ...who, ...times }
  return { layout, record }
}

it.skipIf(process.platform === 'win32').each([
  ['linux', lives, 'refused'],
  ['darwin', lives, 'unknown'],
  ['darwin', error('EPERM'), 'unknown'],
  ['darwin', error('ESRCH'), 'refused'],
  ['freebsd', error('ESRCH'), 'refused'],
] as const)('on %s, when kill says %s: %s', async (platform, kill, seen) => {
  await using stage = await Stage.create()
  const { record } = await refusing(stage)
  const asked: unknown[] = []
  const host = hostOf(platform, (...args) => {
    asked.push(args)
    return kill()
  })
  expect((await probeHolder(nodeLockFs, record, host)).seen).toBe(seen)
  expect(asked).toEqual(platform === 'linux' ? [] : [[4711, 0]])
})

it.skipIf(process.platform === 'win32')(
  'who waits for a missing holder asks it each `update`: more would fill the queue of one that is stopped',
  async () => {
    const asked = async (kernel: Host) => {
      await using stage = await Stage.create()
      const { layout, record } = await refusing(stage)
      let refusals = 0
      const fs = hookedFs({
        before: (call, path) => {
          if (call === 'stat' && path === record.socket) refusals++
        },
      })
      const clock = new FakeClock()
      const ledger = new Ledger(fs, layout)
      const nothing = () => {}
      const common = { fs, clock, layout, ledger, host: 'here', staleMs: 5000, news: nothing, ended: nothing }
      const holders = new Holders({ ...common, kernel })
      const since = clock.monotonic()
      let waiting = 0
      for (let look = 0; look < 150; look++) {
        waiting += (await holders.uncleared([{ term: 1n, owner: record }], 'own', since)).length
        await clock.advance(20)
      }
      return [refusals, waiting]
    }
    expect(await asked(hostOf('darwin', lives))).toEqual([3, 150])
    expect(await asked(hostOf('darwin', error('ESRCH')))).toEqual([1, 0])
    expect(await asked(hostOf('linux', lives))).toEqual([1, 0])
  },
)
