import { eventually, settle } from '@dromedary/testing'
import { describe, expect, it } from 'vitest'
import { startServer } from './support/route.ts'

/** A route whose exchanges end when the test says so. */
function gate() {
  const open: (() => void)[] = []
  let most = 0
  return {
    route: () =>
      new Promise<void>(resolve => {
        open.push(resolve)
        most = Math.max(most, open.length)
      }),
    async release(count = open.length) {
      for (const resolve of open.splice(0, count)) resolve()
      await settle()
    },
    most: () => most,
    waiting: () => open.length,
  }
}

describe('back-pressure on a peer', () => {
  it('holds it to one exchange at a time by default, and each connection by itself', async () => {
    const { route, release, waiting, most } = gate()
    const started = await startServer('', { route })
    const peers = await Promise.all([started.connect(), started.connect()])
    for (const peer of peers) for (let at = 0; at < 5; at++) peer.send(`${at}`)
    await eventually(() => expect(waiting()).toBe(2))
    for (let turn = 0; turn < 5; turn++) {
      await eventually(() => expect(waiting()).toBe(2))
      await release()
    }
    await eventually(() => expect(started.route.exchanges).toHaveLength(10))
    expect(most()).toBe(2)
  })

  it('holds it to maxInFlight exchanges', async () => {
    const { route, release, waiting, most } = gate()
    const started = await startServer('?maxInFlight=4', { route })
    const peer = await started.connect()
    for (let at = 0; at < 20; at++) peer.send(`${at}`)
    await eventually(() => expect(waiting()).toBe(4))
    expect(started.route.bodies).toEqual(['0', '1', '2', '3'])
    while (started.route.exchanges.length < 20 || waiting() > 0) {
      await release(1)
      await settle()
    }
    expect(most()).toBe(4)
    expect(started.route.bodies).toEqual(Array.from({ length: 20 }, (_, at) => String(at)))
  })

  it('reaches the sender: what a stuck route does not take stays with whoever sends it', async () => {
    const { route, release } = gate()
    const started = await startServer('', { route })
    const peer = await started.connect()
    const message = Buffer.alloc(64 * 1024, 1)
    const total = 64 * 1024 * 1024
    for (let sent = 0; sent < total; sent += message.length) peer.send(message)
    const before = process.memoryUsage().arrayBuffers
    // Buffers of the kernel, on both sides of loopback, hold some of it; the rest waits in the sender.
    await eventually(() => {
      const left = peer.socket.bufferedAmount
      expect(left).toBeGreaterThan(total / 2)
      return settle(20).then(() => expect(peer.socket.bufferedAmount).toBe(left))
    })
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024)
    expect(started.route.exchanges).toHaveLength(1)
    const count = total / message.length
    while (started.route.exchanges.length < count) {
      await release()
      await settle()
    }
    expect(peer.socket.bufferedAmount).toBe(0)
  })
})
