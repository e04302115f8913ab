import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { cleanSockets } from '../src/cleaner.ts'
import { Layout } from '../src/layout.ts'
import { Ledger } from '../src/ledger.ts'
import { nodeLockFs } from '../src/lock-fs.ts'
import type { OwnerRecord } from '../src/owner-record.ts'
import { openSentinel, probe } from '../src/sentinel.ts'
import { hookedFs } from './support/hooked-fs.ts'
import { Stage } from './support/stage.ts'

const entries = async (root: string) => (await readdir(root, { recursive: true })).length

it('many takeovers leave a bounded folder, and terms grow', async () => {
  await using stage = await Stage.create()
  let leader = await stage.leader('m0')
  let most = 0
  for (let round = 1; round <= 30; round++) {
    const next = await stage.member(`m${round}`)
    next.compete()
    await stage.settle()
    const term = leader.term ?? 0n
    await leader.service.stop()
    await stage.until('the next leads', () => next.valid)
    expect(next.term).toBeGreaterThan(term)
    await stage.settle()
    most = Math.max(most, await entries(stage.root))
    leader = next
  }
  expect(most).toBeLessThan(25)
})

it('the holder removes what the dead left, and nothing of the living', async () => {
  await using stage = await Stage.create()
  const leader = await stage.leader('leader')
  const living = await stage.member('living')
  living.compete()
  await stage.settle()
  const layout = new Layout(stage.root, 'ns')
  const nonces = [layout.newNonce(), layout.newNonce(), new Layout(stage.root, 'other').newNonce()] as const
  // As a killed process leaves it: closing a server would remove its path.
  for (const nonce of nonces) await leaveSocket(layout.socket(nonce))
  await nodeLockFs.mkdir(layout.prepared(nonces[0]))
  await nodeLockFs.createFile(join(layout.prepared(nonces[0]), nonces[0]), 'torn')
  const [own] = await stage.records()
  await cleanSockets(nodeLockFs, layout, own ?? '')
  const sockets = await readdir(layout.sockets)
  expect(sockets).toHaveLength(3)
  expect(sockets).toContain(own)
  expect(sockets).toContain(nonces[2])
  expect(await readdir(layout.prep)).toHaveLength(1)
  await leader.service.stop()
  await stage.until('the living leads', () => living.valid)
})

async function leaveSocket(path: string): Promise<void> {
  const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
  await new Promise(resolve => execFile(process.execPath, ['-e', script], resolve))
}

it('only a refused connection is proof of a death', async () => {
  await using stage = await Stage.create()
  const path = join(stage.root, 'socket')
  expect(await probe(path)).toEqual({ seen: 'unknown', code: 'ENOENT' })
  const sentinel = await openSentinel(path, () => {})
  const alive = await probe(path)
  expect(alive.seen).toBe('alive')
  const closed = new Promise(resolve => alive.seen === 'alive' && alive.connection.once('close', resolve))
  sentinel.close()
  await closed
  expect((await probe(path)).seen).toBe('unknown')
  await leaveSocket(path)
  expect(await probe(path)).toEqual({ seen: 'refused' })
})

it('a cleaner that is paused while it reads takes no mark of who led meanwhile', async () => {
  await using stage = await Stage.create()
  const layout = new Layout(stage.root, 'ns')
  for (const folder of layout.folders) await nodeLockFs.mkdir(folder)
  const owner = (nonce: string): OwnerRecord => {
    const who = { namespace: 'ns', id: nonce, incarnation: 'i', pid: 1, host: 'here' }
    return {
      nonce,
      socket: layout.socket(nonce),
      socketFile: '',
      ...who,
      updateMs: 1000,
      staleMs: 5000,
      intervalMs: 1000,
    }
  }
  const other = new Ledger(nodeLockFs, layout)
  let paused = 0
  const fs = hookedFs({
    after: async call => {
      // After its first list, whichever that is.
      if (call !== 'readdir' || paused++ > 0) return
      await other.claim(owner('next'), 0n, 0n, 2)
      await other.markOver('next', 'released')
    },
  })
  const ledger = new Ledger(fs, layout)
  await ledger.claim(owner('first'), 0n, 0n, 1)
  await ledger.markOver('nobody', 'never led')
  await ledger.clean(1n)
  expect(paused).toBeGreaterThan(1)
  expect(await readdir(layout.over)).toEqual(['next'])
})
