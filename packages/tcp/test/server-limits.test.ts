import { spawnSync } from 'node:child_process'
import { createServer } from 'node:net'
import { systemClock } from '@dromedary/core'
import { eventually, FakeClock, fakeRoute, settle } from '@dromedary/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { tcp } from '../src/index.ts'
import { LineBudget } from '../src/server/line-budget.ts'
import { dial, type Peer } from './support/peer.ts'
import { consume, lines } from './support/route.ts'

const messages = (route: { readonly logs: readonly { level: string; message: string }[] }, level: string) =>
  route.logs.filter(line => line.level === level).map(line => line.message)

/** Turns of the event loop in which what was written on this machine arrives. */
const ARRIVE = 10

describe('a peer that keeps its connection waiting', () => {
  it('frameTimeout: is cut off when a message has begun and does not end', async () => {
    const clock = new FakeClock()
    const { route, port } = await lines('&frameTimeout=200', { clock })
    const [slow, idle, trickling] = [await dial(port), await dial(port), await dial(port)]
    slow.write('half a li')
    // A byte now and then, for ever: what counts is when the line began.
    for (let passed = 0; passed < 300; passed += 20) {
      trickling.write('x')
      await settle(ARRIVE)
      expect(passed < 200 && (slow.ended || trickling.ended)).toBe(false)
      await clock.advance(20)
    }
    await Promise.all([slow.isClosed(), trickling.isClosed()])
    expect(idle.ended).toBe(false)
    idle.write('still here\n')
    await eventually(() => route.bodies.length === 1)
    const said = expect.stringContaining('a message began and did not end within frameTimeout=200 ms')
    expect(messages(route, 'warn')).toEqual([said, said])
  })

  it('frameTimeout: lines that end in time are no trouble, however long the connection lasts', async () => {
    const clock = new FakeClock()
    const { route, port } = await lines('&frameTimeout=150', { clock })
    const peer = await dial(port)
    for (let turn = 0; turn < 12; turn++) {
      peer.write(turn === 0 ? 'be' : 'gun\nbe')
      await settle(ARRIVE)
      await clock.advance(100)
    }
    expect(peer.ended).toBe(false)
    expect(route.bodies).toEqual(Array.from({ length: 11 }, () => 'begun'))
  })

  it('frameTimeout: does not run while it is the route that is full', async () => {
    const clock = new FakeClock()
    const ends: (() => void)[] = []
    const { route, port } = await lines('&frameTimeout=60', {
      clock,
      route: () => new Promise<void>(resolve => void ends.push(resolve)),
    })
    const peer = await dial(port)
    peer.write('1\n')
    await eventually(() => ends.length === 1)
    // It ends in time, but nobody has room for it; and so has nobody for the next one, which does not end.
    for (const part of ['ha', 'lf\n', 'th']) {
      peer.write(part)
      await settle(ARRIVE)
    }
    await clock.advance(1_000)
    await settle(ARRIVE)
    peer.write('ree\n')
    for (let at = 0; at < 3; at++) {
      await eventually(() => ends.length > at)
      ends[at]?.()
    }
    expect(route.bodies).toEqual(['1', 'half', 'three'])
  })

  it('frameTimeout: 30 s unless asked otherwise, 0 for never; one timer for all', async () => {
    for (const [query, timers, after] of [
      ['', 1, true],
      ['&frameTimeout=0', 0, false],
    ] as const) {
      const clock = new FakeClock()
      const { route, port } = await lines(query, { clock })
      const peers = [await dial(port), await dial(port), await dial(port)]
      for (const peer of peers) peer.write('half')
      await eventually(() => messages(route, 'info').length === 4)
      await settle(ARRIVE)
      expect(clock.pending).toBe(timers)
      await clock.advance(29_900)
      await settle(ARRIVE)
      expect(peers.some(peer => peer.ended)).toBe(false)
      await clock.advance(10_000)
      await settle(ARRIVE)
      expect(peers.every(peer => peer.ended)).toBe(after)
    }
  })

  it('readerIdleTimeout: is cut off when it says nothing, and never without it', async () => {
    for (const [query, closes] of [
      ['&readerIdleTimeout=100', true],
      ['', false],
    ] as const) {
      const clock = new FakeClock()
      const { route, port } = await lines(query, { clock })
      const [idle, busy] = [await dial(port), await dial(port)]
      for (let turn = 0; turn < 10; turn++) {
        busy.write('x\n')
        await settle(ARRIVE)
        await clock.advance(50)
      }
      expect(busy.ended).toBe(false)
      expect(idle.ended).toBe(closes)
      if (closes) expect(messages(route, 'warn')[0]).toMatch(/nothing came within readerIdleTimeout=100 ms$/)
    }
  })
})

it('readerIdleTimeout: a client that waits for its reply is not idle', async () => {
  const clock = new FakeClock()
  const { promise, resolve } = Promise.withResolvers<void>()
  const { route, port } = await consume('tcp:127.0.0.1:0?textline=true&readerIdleTimeout=100', {
    clock,
    route: () => promise,
  })
  const peer = await dial(port)
  peer.write('a request\n')
  await eventually(() => route.inFlight === 1)
  await clock.advance(1_000)
  resolve()
  await peer.gets('a request\n')
  await clock.advance(1_000)
  await peer.isClosed()
})

describe('many connections', () => {
  it('maxConnections: one more is closed at once, and the log says so once', async () => {
    const { route, port } = await lines('&maxConnections=3')
    const kept = [await dial(port), await dial(port), await dial(port)]
    for (let more = 0; more < 20; more++) await (await dial(port)).isClosed()
    expect(kept.some(peer => peer.ended || peer.closed)).toBe(false)
    expect(messages(route, 'warn')).toEqual([
      expect.stringContaining('has maxConnections=3 and closes each new one at once'),
    ])
    kept[0]?.destroy()
    await eventually(async () => {
      const peer = await dial(port)
      peer.write('room again\n')
      await settle(ARRIVE)
      if (route.bodies.length === 0) throw new Error('no room')
    })
  })

  it('that come as a flood are all closed again, and fill neither memory nor the log', async () => {
    const { route, port, consumer } = await lines('&maxConnections=50')
    const peers: Peer[] = []
    for (let burst = 0; burst < 10; burst++) {
      const some = await Promise.allSettled(Array.from({ length: 100 }, () => dial(port)))
      peers.push(...some.flatMap(one => (one.status === 'fulfilled' ? [one.value] : [])))
      for (const peer of peers.splice(0, 60)) peer.destroy()
    }
    for (const peer of peers) peer.destroy()
    await eventually(async () => {
      const peer = await dial(port)
      peer.write('served\n')
      await settle(ARRIVE)
      return route.bodies.length > 0
    })
    expect(route.logs.length).toBeLessThan(1_000)
    await consumer.quiesce()
    await consumer.close(false)
  })

  it('are told of in the log, each once when it comes and once when it goes', async () => {
    const { route, port } = await lines()
    const peer = await dial(port)
    const { localPort } = peer.socket
    await eventually(() => messages(route, 'info').length === 2)
    peer.socket.resetAndDestroy()
    await eventually(() => messages(route, 'info').length === 3)
    const [listens, ...rest] = messages(route, 'info').map(line => line.replace(/^tcp:\S+ /, ''))
    expect(listens).toBe(`listens on 127.0.0.1:${port}`)
    expect(rest).toEqual([`connected 127.0.0.1:${localPort}`, `disconnected 127.0.0.1:${localPort}`])
  })

  it('backlog: so many wait in the operating system while the process is busy', async () => {
    const counts: number[] = []
    for (const query of ['&backlog=3', '']) {
      const { port } = await lines(query)
      // This process is blocked meanwhile: it accepts nobody.
      const script = `
        const { connect } = require('node:net')
        let count = 0
        for (let at = 0; at < 30; at++) connect(${port}, '127.0.0.1', () => count++).on('error', () => {})
        setTimeout(() => { console.log(count); process.exit() }, 500)`
      counts.push(Number(spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' }).stdout))
    }
    expect(counts[0]).toBeGreaterThan(0)
    expect(counts[0]).toBeLessThan(8)
    expect(counts[1]).toBe(30)
  })
})

describe('how loudly trouble is told of', () => {
  it('serverExceptionCaughtLogLevel: what the server closes a connection for', async () => {
    for (const [query, level] of [
      ['', 'warn'],
      ['&serverExceptionCaughtLogLevel=debug', 'debug'],
      ['&serverExceptionCaughtLogLevel=OFF', undefined],
    ] as const) {
      const { route, port } = await lines(`${query}&decoderMaxLineLength=1`)
      const peer = await dial(port)
      peer.write('long\n')
      await peer.isClosed()
      expect(route.logs.find(line => line.message.includes('closed the connection'))?.level).toBe(level)
    }
  })

  it('serverClosedChannelExceptionCaughtLogLevel: what a client breaks off', async () => {
    for (const [query, level] of [
      ['', 'debug'],
      ['&serverClosedChannelExceptionCaughtLogLevel=ERROR', 'error'],
      ['&serverClosedChannelExceptionCaughtLogLevel=OFF', undefined],
    ] as const) {
      const { route, port } = await lines(query)
      const peer = await dial(port)
      peer.write('x\n')
      await eventually(() => route.bodies.length === 1)
      peer.socket.resetAndDestroy()
      await eventually(() => route.logs.some(line => line.message.includes(': disconnected ')))
      expect(route.logs.find(line => line.message.includes('broke'))?.level).toBe(level)
    }
  })

  it('a budget leaves out what is too much, and says later how much that was', async () => {
    const clock = new FakeClock()
    const budget = new LineBudget(clock, 2, 1_000)
    expect([budget.take(), budget.take(), budget.take(), budget.take()]).toEqual([0, 0, undefined, undefined])
    await clock.advance(1_000)
    expect([budget.take(), budget.take(), budget.take()]).toEqual([2, 0, undefined])
  })
})

describe('a server that cannot listen', () => {
  it('says so in one line with what to do', async () => {
    const server = createServer()
    await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => new Promise<void>(resolve => void server.close(() => resolve())))
    const { port } = server.address() as { port: number }
    const starting = consume(`tcp:127.0.0.1:${port}?textline=true`)
    await expect(starting).rejects.toMatchObject({
      code: 'DROMEDARY_START_FAILED',
      message: `tcp://127.0.0.1:${port}?textline=true cannot listen on 127.0.0.1:${port}: the address is in use: stop what listens there, or choose another one`,
    })
  })

  it.each([
    ['tcp:192.0.2.1:0?textline=true', /this machine has no such address/],
    ['tcp:no-such-host.invalid:0?textline=true', /nobody knows a host of that name|EAI_AGAIN/],
    ['tcp:x?textline=true&unixDomainSocketPath=/no/such/folder/socket', /cannot listen on \/no\/such\/folder\/socket/],
  ])('also on %s', async (uri, message) => {
    const route = fakeRoute({ clock: systemClock })
    const consumer = route.consumer(tcp, uri)
    await expect((async () => consumer.start(new AbortController().signal))()).rejects.toThrow(message)
    await consumer.close(false)
  })
})

it('a server listens on this machine alone, unless its host says otherwise', async () => {
  for (const [host, address] of [
    ['', '127.0.0.1'],
    ['localhost:', '127.0.0.1'],
    ['%5B::1%5D:', '[::1]'],
    ['[::1]:', '[::1]'],
    ['*:', '[::]'],
    ['0.0.0.0:', '0.0.0.0'],
  ] as const) {
    const { route } = await consume(`tcp:${host}0?textline=true`)
    expect(route.logs[0]?.fields?.['address'], host).toMatch(/:\d+$/)
    const listens = String(route.logs[0]?.fields?.['address']).replace(/:\d+$/, '')
    expect(host === 'localhost:' ? listens.replace('[::1]', address) : listens, host).toBe(address)
  }
})
