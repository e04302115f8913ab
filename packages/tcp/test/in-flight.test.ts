import { createConnection } from 'node:net'
import { eventually, settle } from '@dromedary/testing'
import { describe, expect, it } from 'vitest'
import { dial } from './support/peer.ts'
import { consume, lines } from './support/route.ts'

/** A route whose exchanges end when they are told to. */
function held() {
  const waiting: (() => void)[] = []
  let most = 0
  return {
    route: () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      waiting.push(resolve)
      most = Math.max(most, waiting.length)
      return promise
    },
    /** Ends the exchange that entered as the `index`th of those under way. */
    end: (index = 0) => waiting.splice(index, 1)[0]?.(),
    endAll: () => {
      for (const resolve of waiting.splice(0)) resolve()
    },
    get open() {
      return waiting.length
    },
    get most() {
      return most
    },
  }
}

const numbers = (count: number) => Array.from({ length: count }, (_, at) => String(at))

describe('how many messages of a connection are in the route', () => {
  it('is one without maxInFlight: each waits for the one before', async () => {
    const work = held()
    const { route, port } = await lines('', { route: work.route })
    const peer = await dial(port)
    peer.write('1\n2\n3\n')
    for (const count of [1, 2, 3]) {
      await eventually(() => route.exchanges.length === count)
      await settle(3)
      expect(work.open).toBe(1)
      work.end()
    }
    expect(route.bodies).toEqual(['1', '2', '3'])
    expect(work.most).toBe(1)
  })

  it('is never above maxInFlight, and they enter in their order whenever they end', async () => {
    const work = held()
    const { route, port } = await lines('&maxInFlight=7', { route: work.route })
    const peer = await dial(port)
    const sent = numbers(500)
    peer.write(`${sent.join('\n')}\n`)
    for (let turn = 0; route.exchanges.length < sent.length; turn++) {
      await eventually(() => work.open > 0)
      work.end((turn * 5) % work.open)
      await settle()
    }
    work.endAll()
    expect(route.bodies).toEqual(sent)
    expect(work.most).toBe(7)
  })

  it('is counted for each connection by itself', async () => {
    const work = held()
    const { route, port } = await lines('', { route: work.route })
    const [one, other] = [await dial(port), await dial(port)]
    one.write('1\n2\n')
    other.write('3\n4\n')
    await eventually(() => work.open === 2)
    expect(route.bodies.toSorted()).toEqual(['1', '3'])
    work.endAll()
  })

  it('a route that does not wait is never waited for', async () => {
    const { route, port } = await lines()
    const peer = await dial(port)
    const sent = numbers(20_000)
    peer.write(`${sent.join('\n')}\n`)
    await eventually(() => route.exchanges.length === sent.length)
    expect(route.bodies).toEqual(sent)
  })
})

describe('while the route is full', () => {
  it.each([1, 100])('a sender gets no more rid of than the buffers of the sockets hold: maxInFlight=%i', async max => {
    const work = held()
    const { route, port } = await lines(`&maxInFlight=${max}`, { route: work.route })
    const socket = createConnection(port, '127.0.0.1')
    socket.on('error', () => {})
    const chunk = Buffer.from(`${'x'.repeat(999)}\n`.repeat(64))
    let accepted = 0
    let stuck = false
    // What the kernel of the sender has taken and the consumer has not read is in buffers that Linux sizes.
    for (let turns = 0; turns < 400 && !stuck; turns++) {
      socket.write(chunk)
      for (let wait = 0; wait < 20 && socket.writableLength > 0; wait++) await settle()
      stuck = socket.writableLength > 4 * chunk.length
      accepted = socket.bytesWritten - socket.writableLength
    }
    expect(stuck).toBe(true)
    expect(route.exchanges).toHaveLength(max)
    const before = accepted
    await settle(50)
    expect(socket.bytesWritten - socket.writableLength - before).toBeLessThan(2 * chunk.length)
    // It goes on as soon as there is room, and loses nothing.
    const all = Math.floor(socket.bytesWritten / 1000)
    for (let ended = 0; ended < all; await settle()) {
      ended += work.open
      work.endAll()
    }
    socket.destroy()
  })

  it('a connection that is closed meanwhile still hands in what was read', async () => {
    const work = held()
    const { route, port } = await lines('', { route: work.route })
    const peer = await dial(port)
    peer.write('1\n2\n3\n4\n5\n')
    await eventually(() => work.open === 1)
    peer.socket.resetAndDestroy()
    for (let left = 5; left > 0; left--) {
      await eventually(() => work.open === 1)
      work.end()
    }
    await eventually(() => route.exchanges.length === 5)
    expect(route.bodies).toEqual(['1', '2', '3', '4', '5'])
  })
})

it('an exchange that fails makes room like any other', async () => {
  const { route, port } = await consume('tcp:127.0.0.1:0?textline=true&sync=false', {
    route: async exchange => exchange.fail(new Error('no')),
  })
  const peer = await dial(port)
  peer.write('1\n2\n3\n')
  await eventually(() => route.exchanges.length === 3)
})
