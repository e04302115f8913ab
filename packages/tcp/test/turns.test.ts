import { eventually, settle } from '@dromedary/testing'
import { describe, expect, it } from 'vitest'
import { dial } from './support/peer.ts'
import { consume, lines } from './support/route.ts'

const numbers = (count: number) => Array.from({ length: count }, (_, at) => String(at))
const text = (all: readonly string[]) => `${all.join('\n')}\n`

/** More frames are read at once than enter within a turn of the event loop. */
describe('frames that wait for their turn', () => {
  it.each([
    ['ends', (peer: Awaited<ReturnType<typeof dial>>) => peer.socket.end()],
    ['stays', () => {}],
  ])('enter in their order, with others between them, where the peer %s', async (_, then) => {
    const entered: number[] = []
    const note = () => entered.push(route.exchanges.length)
    const { route, port } = await lines('', { route: () => void (entered.length === 0 && setImmediate(note)) })
    const peer = await dial(port)
    peer.write(text(numbers(3_000)))
    then(peer)
    await eventually(() => route.exchanges.length === 3_000)
    // The connection's own next turn was asked for before.
    expect(entered[0]).toBeLessThanOrEqual(512)
    expect(route.bodies).toEqual(numbers(3_000))
  })

  it('enter before the consumer has quiesced', async () => {
    const { route, consumer, port } = await lines()
    const peer = await dial(port)
    peer.write(text(numbers(3_000)))
    await eventually(() => route.exchanges.length > 0, { every: 0 })
    await consumer.quiesce()
    const entered = route.exchanges.length
    await settle(20)
    expect(route.bodies).toEqual(numbers(entered))
    await consumer.close(false)
    await settle(20)
    expect(route.exchanges).toHaveLength(entered)
  })

  it('are dropped by a forced close, and nothing enters later', async () => {
    const { route, consumer, port } = await lines()
    const peer = await dial(port)
    peer.write(text(numbers(3_000)))
    await eventually(() => route.exchanges.length > 0, { every: 0 })
    const quiesced = consumer.quiesce()
    await consumer.close(true)
    await quiesced
    const entered = route.exchanges.length
    await settle(20)
    expect(route.exchanges).toHaveLength(entered)
  })

  it('are answered in their order', async () => {
    const { port } = await consume('tcp:127.0.0.1:0?textline=true&sync=true&maxInFlight=10000')
    const peer = await dial(port)
    peer.write(text(numbers(3_000)))
    await eventually(() => peer.text.split('\n').length === 3_001)
    expect(peer.text).toBe(text(numbers(3_000)))
  })
})
