import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@dromedary/core'
import type { Producer } from '@dromedary/core/component'
import { eventually, fakeRoute } from '@dromedary/testing'
import { afterAll, expect, it, onTestFinished } from 'vitest'
import { tcp } from '../src/index.ts'
import { dial, type Peer } from './support/peer.ts'
import { consume } from './support/route.ts'

const folder = mkdtempSync(join(tmpdir(), 'dromedary-tcp-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const path = (name: string) => join(folder, name)
const uri = (name: string, query = '') => `tcp:unix?unixDomainSocketPath=${path(name)}&textline=true${query}`

it('serves, sends and connects over a unix socket, and leaves no file', async () => {
  const { route, consumer } = await consume(uri('one'))
  const sender = fakeRoute({ clock: systemClock })
  const producer = sender.endpoint(tcp, uri('one')).producer?.() as Producer
  const exchange = sender.entry.createExchange('hello')
  await producer.send(exchange)
  expect(exchange.body).toBe('hello')
  expect(route.exchanges[0]?.message.header('CamelNettyRemoteAddress')).toBe('')
  await producer.close?.()
  const client = await consume(uri('one', '&clientMode=true&sync=false'))
  expect(client.route.states).toEqual(['connected'])
  await consumer.quiesce()
  await consumer.close(false)
  expect(existsSync(path('one'))).toBe(false)
})

it('takes the place of one whose process was killed', async () => {
  const script = `require('node:net').createServer().listen(${JSON.stringify(path('two'))}, () => process.kill(process.pid, 'SIGKILL'))`
  spawnSync(process.execPath, ['-e', script])
  expect(existsSync(path('two'))).toBe(true)
  const { route } = await consume(uri('two', '&sync=false'))
  const peer = await dial(path('two'))
  onTestFinished(() => peer.destroy())
  peer.write('here\n')
  await eventually(() => route.bodies.length === 1)
})

it('leaves one alone that is served, and a file that is no socket', async () => {
  await consume(uri('three'))
  await expect(consume(uri('three'))).rejects.toMatchObject({
    code: 'DROMEDARY_START_FAILED',
    message: expect.stringContaining(`cannot listen on ${path('three')}: the address is in use`),
  })
  const peer = await dial(path('three'))
  peer.write('still served\n')
  await peer.gets('still served\n')
  peer.destroy()
  writeFileSync(path('four'), 'precious')
  await expect(consume(uri('four'))).rejects.toMatchObject({ code: 'DROMEDARY_START_FAILED' })
  expect(existsSync(path('four'))).toBe(true)
})

it('leaves one alone whose process is busy: nobody gets through to it, and yet it lives', async () => {
  const file = path('five')
  // It listens, and then accepts nobody.
  const script = `require('node:net').createServer().listen({ path: ${JSON.stringify(file)}, backlog: 1 }, () => {
    console.log('listens')
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20_000)
  })`
  const child = spawn(process.execPath, ['-e', script])
  onTestFinished(() => void child.kill('SIGKILL'))
  await new Promise(resolve => child.stdout.once('data', resolve))
  const waiting: Peer[] = []
  onTestFinished(() => {
    for (const peer of waiting) peer.destroy()
  })
  const full = async () => {
    for (let more = 0; more < 20; more++) waiting.push(await dial(file))
  }
  await expect(full()).rejects.toMatchObject({ code: 'EAGAIN' })
  await expect(consume(uri('five'))).rejects.toMatchObject({ code: 'DROMEDARY_START_FAILED' })
  expect(existsSync(file)).toBe(true)
})
