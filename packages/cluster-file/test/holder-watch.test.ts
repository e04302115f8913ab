import { unlink } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { setTimeout as realSleep } from 'node:timers/promises'
import { FakeClock } from '@dromedary/testing'
import { expect, it } from 'vitest'
import { HolderWatch } from '../src/holder-watch.ts'
import { Layout } from '../src/layout.ts'
import { nodeLockFs } from '../src/lock-fs.ts'
import { formatRecord } from '../src/owner-record.ts'
import { Stage } from './support/stage.ts'

/** A holder's record and socket without a holder. */
async function setUp(stage: Stage, host = 'here') {
  const layout = new Layout(stage.root, 'ns')
  for (const folder of [...layout.folders, layout.lock]) await nodeLockFs.mkdir(folder)
  const nonce = layout.newNonce()
  const connections: Socket[] = []
  const server = createServer(connection => connections.push(connection.on('error', () => {})))
  await new Promise<void>(resolve => server.listen(layout.socket(nonce), resolve))
  const times = { updateMs: 1000, staleMs: 5000, intervalMs: 1000 }
  const who = { namespace: 'ns', id: 'holder', incarnation: 'i', pid: 1, host }
  await nodeLockFs.createFile(
    layout.record(nonce),
    formatRecord({ nonce, socket: layout.socket(nonce), socketFile: 'none', ...who, ...times }),
  )
  let news = 0
  const clock = new FakeClock()
  const watch = new HolderWatch(nonce, { fs: nodeLockFs, clock, layout, host: 'here', news: () => news++ })
  return {
    watch,
    clock,
    connections,
    path: layout.socket(nonce),
    news: () => news,
    [Symbol.asyncDispose]: async () => {
      watch.close()
      for (const connection of connections) connection.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

it('a lost connection to a path that is gone is told once: no proof, and no reason to look again and again', async () => {
  await using stage = await Stage.create()
  await using holder = await setUp(stage)
  const { watch, connections, path, news } = holder
  expect(await watch.look()).toBe(true)
  await expect.poll(() => connections.length).toBe(1)
  await unlink(path)
  connections[0]?.destroy()
  await expect.poll(news).toBe(1)
  for (let look = 0; look < 20; look++) {
    await watch.look()
    await realSleep(1)
  }
  expect([news(), watch.dead]).toEqual([1, false])
})

it('a holder that closes each connection at once is not dead, and is not asked without end', async () => {
  await using stage = await Stage.create()
  await using holder = await setUp(stage)
  const { watch, clock, connections } = holder
  await watch.look()
  for (let round = 0; round < 20; round++) {
    await realSleep(2)
    for (const connection of connections) connection.destroy()
    await clock.advance(50)
    await watch.look()
  }
  expect(watch.dead).toBe(false)
  expect(connections.length).toBeLessThan(12)
})

it('a record of another kernel is never connected to', async () => {
  await using stage = await Stage.create()
  await using holder = await setUp(stage, 'there')
  await holder.watch.look()
  await realSleep(20)
  expect(holder.connections).toHaveLength(0)
})
