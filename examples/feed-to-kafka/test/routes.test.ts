import { createContext, silentSink } from '@dromedary/core'
import { master } from '@dromedary/master'
import { tcp } from '@dromedary/tcp'
import { eventually, memoryCluster } from '@dromedary/testing'
import { ws } from '@dromedary/websocket'
import { expect, it, onTestFinished } from 'vitest'
import { routesFrom } from '../src/routes.ts'
import { messageOf, type SimulatorOptions, startSimulator } from '../src/simulator/index.ts'
import { saleOf, trade } from '../src/trade.ts'
import { upTo } from './support/listeners.ts'
import { memoryKafka } from './support/memory-kafka.ts'

/** The routes as they are, with a real feed, a leader, and topics in memory. */
async function running(source: 'tcp' | 'websocket', options: SimulatorOptions) {
  const simulator = await startSimulator(options)
  const kafka = memoryKafka()
  const cluster = memoryCluster()
  const start = async () => {
    const context = createContext({
      routes: routesFrom(source),
      components: [tcp, ws, master, kafka.component],
      cluster: cluster.member(),
      log: silentSink,
      properties: {
        'node.namespace': 'feed',
        'feed.host': '127.0.0.1',
        'feed.port': simulator.tcpPort,
        'feed.websocket-port': simulator.wsPort,
        'kafka.topic': 'prices',
        'kafka.dead-letters': 'dead',
        'kafka.positions': 'positions',
      },
    })
    await context.start()
    return context
  }
  onTestFinished(async () => {
    await context.stop()
    await cluster.stop()
    await simulator.close()
  })
  let context = await start()
  return {
    simulator,
    kafka,
    restart: async () => {
      await context.stop()
      context = await start()
    },
  }
}

const numbers = (written: readonly { value: unknown }[]) => written.map(({ value }) => JSON.parse(String(value)).seq)

it.for(['tcp', 'websocket'] as const)(
  'publishes every message of a %s feed in order, translated, under its symbol',
  async source => {
    const { kafka } = await running(source, { total: 2_000, seed: 3 })
    await eventually(() => kafka.written.length === 2_000)
    expect(numbers(kafka.written)).toEqual(upTo(1, 2_000))
    const message = trade.parse(JSON.parse(messageOf({ seed: 3, malformedEvery: 0 })(1_234)))
    const [one] = kafka.written.slice(1_233)
    expect(JSON.parse(String(one?.value))).toEqual(saleOf(message))
    expect(one).toMatchObject({ topic: 'prices', key: message.symbol, term: expect.any(BigInt) })
  },
)

it.for(['tcp', 'websocket'] as const)(
  'goes on after the position that was kept, however the %s connection ended',
  async source => {
    const { simulator, kafka, restart } = await running(source, { total: 3_000, dropEvery: 1_000, dropHow: 'cut' })
    await eventually(() => kafka.written.length === 3_000)
    expect(numbers(kafka.written)).toEqual(upTo(1, 3_000))
    expect(simulator.stats).toMatchObject({ overlaps: 0 })
    expect(kafka.kept).toEqual({ position: 3_000, topic: 'positions' })

    kafka.kept.position = 2_990
    await restart()
    await eventually(() => kafka.written.length === 3_010)
    expect(numbers(kafka.written.slice(3_000))).toEqual(upTo(2_991, 3_000))
    expect(simulator.stats.requests.at(-1)).toBe(2_990)
  },
)

it('puts what is no valid message aside as it came, and goes on', async () => {
  const { kafka } = await running('tcp', { total: 100, malformedEvery: 10 })
  await eventually(() => kafka.written.length === 100)
  const message = messageOf({ seed: 1, malformedEvery: 10 })
  const dead = kafka.written.filter(({ topic }) => topic === 'dead')
  expect(dead.map(({ value }) => value)).toEqual(upTo(1, 10).map(i => message(i * 10)))
  expect(numbers(kafka.written.filter(({ topic }) => topic === 'prices'))).toEqual(
    upTo(1, 100).filter(n => n % 10 !== 0),
  )
})
