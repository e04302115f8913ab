import { eventually, FakeClock, settle } from '@dromedary/testing'
import { describe, expect, it } from 'vitest'
import { RawPeer } from './support/raw-peer.ts'
import { startServer } from './support/route.ts'

describe('stopping a server', () => {
  it('hands in what was read, then nothing, and tells the peers 1001', async () => {
    // Time stands still: nothing is ended because of a grace that has passed.
    const { route, connect, consumer, stop } = await startServer('', { clock: new FakeClock(), route: () => settle() })
    const peer = await connect()
    for (let at = 0; at < 100; at++) peer.send(String(at))
    await eventually(() => expect(route.exchanges.length).toBeGreaterThan(3))
    await consumer.quiesce()
    const entered = route.exchanges.length
    route.open = false
    for (let at = 0; at < 100; at++) peer.send('late')
    await settle(20)
    expect(route.exchanges).toHaveLength(entered)
    expect(route.refused).toEqual([])
    expect(route.bodies).toEqual(Array.from({ length: entered }, (_, at) => String(at)))
    const begun = performance.now()
    await stop()
    // The answer to the closing frame is read although reading was paused.
    expect(performance.now() - begun).toBeLessThan(900)
    expect(await peer.closed).toEqual({ code: 1001, reason: '' })
  })

  it('refuses new peers with 503 while it quiesces, and takes none after', async () => {
    const { connect, consumer, stop } = await startServer()
    await consumer.quiesce()
    await expect(connect()).rejects.toThrow('503')
    await stop()
    await expect(connect()).rejects.toThrow('ECONNREFUSED')
  })

  it('under load ends in time, and every exchange that entered ends once', async () => {
    const started = await startServer('?maxInFlight=10', { route: () => settle(2) })
    const peers = await Promise.all(Array.from({ length: 20 }, () => started.connect()))
    const load = setInterval(() => {
      for (const peer of peers) for (let at = 0; at < 50; at++) if (peer.isOpen) peer.send('x'.repeat(200))
    }, 1)
    await eventually(() => expect(started.route.exchanges.length).toBeGreaterThan(500))
    const begun = performance.now()
    await started.stop()
    clearInterval(load)
    expect(performance.now() - begun).toBeLessThan(5_000)
    await eventually(() => expect(started.route.inFlight).toBe(0))
    expect(started.route.refused).toEqual([])
    const codes = await Promise.all(peers.map(({ closed }) => closed))
    expect(new Set(codes.map(({ code }) => code))).toEqual(new Set([1001]))
  })

  it('waits half a second for a peer that does not answer the closing frame', async () => {
    const clock = new FakeClock()
    const { port, stop } = await startServer('?pingInterval=0', { clock })
    const peer = await RawPeer.upgraded(port)
    let stopped = false
    const stopping = stop().then(() => {
      stopped = true
    })
    await eventually(() => expect(clock.pending).toBe(1))
    await clock.advance(499)
    expect(stopped).toBe(false)
    await clock.advance(1)
    await stopping
    await peer.closed
  })

  it('by force ends everything at once, whatever is under way', async () => {
    const { route, connect, stop } = await startServer('', { route: () => new Promise(() => {}) })
    const peer = await connect()
    for (let at = 0; at < 10; at++) peer.send(String(at))
    await eventually(() => expect(route.exchanges).toHaveLength(1))
    await stop(true)
    expect((await peer.closed).code).toBe(1006)
    expect(route.exchanges).toHaveLength(1)
  })

  it('finishes what a peer sent before it went', async () => {
    const { route, connect, consumer } = await startServer('', { route: () => settle(3) })
    const peer = await connect()
    for (let at = 0; at < 20; at++) peer.send(String(at))
    peer.socket.close()
    await eventually(() => expect(route.exchanges.length).toBeGreaterThan(0))
    await consumer.quiesce()
    await eventually(() => expect(route.exchanges).toHaveLength(20))
  })
})

describe('a dead peer of a server', () => {
  it('is found after one to two intervals, and a living one is not', async () => {
    const clock = new FakeClock()
    const { port, connect } = await startServer('?pingInterval=1s', { clock })
    const living = await connect()
    const dead = await RawPeer.upgraded(port)
    await clock.advance(1_000)
    await eventually(() => expect(dead.received).toContain('\x89\x00'))
    await settle(20)
    expect(dead.socket.destroyed).toBe(false)
    await clock.advance(1_000)
    await dead.closed
    let pings = 0
    living.socket.on('ping', () => pings++)
    for (let second = 1; second <= 10; second++) {
      await clock.advance(1_000)
      await eventually(() => expect(pings).toBe(second))
      await settle(10)
    }
    expect(living.isOpen).toBe(true)
  })
})
