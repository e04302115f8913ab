import { sharedKafka } from '@dromedary/test-servers/kafka/vitest'
import { describe, expect, it } from 'vitest'
import { numbers, type Reading, reading, sending, within } from './support/real.ts'

const kafka = sharedKafka()

const PROTOCOLS = [
  ['classic, range', 'partitionAssignor=range'],
  ['classic, roundrobin', 'partitionAssignor=roundrobin'],
  ['classic, cooperative-sticky', 'partitionAssignor=org.apache.kafka.clients.consumer.CooperativeStickyAssignor'],
  ['consumer', 'groupProtocol=consumer'],
] as const

describe.each(PROTOCOLS)('groupProtocol %s', (_name, query) => {
  it('shares partitions among members, and moves them when one comes or goes: each record is read', async () => {
    const topic = await kafka.topic({ partitions: 4 })
    const uri = `kafka:${topic}?groupId=${kafka.name('group')}&autoOffsetReset=earliest&heartbeatIntervalMs=500&${query}`
    const { send } = await sending(kafka.brokers, `kafka:${topic}`)
    const write = (from: number) =>
      Promise.all(numbers(200, from).map((value, at) => send(value, { CamelKafkaPartitionKey: at % 4 })))
    const members: Reading[] = [await reading(kafka.brokers, uri)]
    const bodies = () => members.flatMap(({ route }) => route.bodies)
    await write(0)
    await within(20, () => expect(new Set(bodies()).size).toBe(200))
    members.push(await reading(kafka.brokers, uri))
    // Until the second one has got its share.
    let from = 200
    await within(30, async () => {
      await write(from)
      from += 200
      expect(members[1]?.route.bodies.length).toBeGreaterThan(0)
    })
    await within(20, () => expect(new Set(bodies()).size).toBe(from))
    await members[0]?.stop()
    await write(from)
    from += 200
    await within(30, () => expect(new Set(bodies()).size).toBe(from))
    expect(new Set(bodies())).toEqual(new Set(numbers(from)))
  })

  it('goes on after the last commit', async () => {
    const topic = await kafka.topic({ partitions: 2 })
    const uri = `kafka:${topic}?groupId=${kafka.name('group')}&autoOffsetReset=earliest&${query}`
    const { send } = await sending(kafka.brokers, `kafka:${topic}`)
    await send(numbers(50))
    const first = await reading(kafka.brokers, uri)
    await within(20, () => expect(first.route.bodies).toHaveLength(50))
    await first.stop()
    await send(numbers(50, 50))
    const second = await reading(kafka.brokers, uri)
    await within(20, () => expect(second.route.bodies).toHaveLength(50))
    expect(second.route.bodies.toSorted()).toEqual(numbers(50, 50).toSorted())
  })
})

describe('classic members that share', () => {
  it('read each record once, although partitions move while they read', async () => {
    const topic = await kafka.topic({ partitions: 4 })
    const uri = `kafka:${topic}?groupId=${kafka.name('group')}&autoOffsetReset=earliest&heartbeatIntervalMs=300`
    const { send } = await sending(kafka.brokers, `kafka:${topic}`)
    const slow = () => new Promise<void>(resolve => setTimeout(resolve, 2))
    const one = await reading(kafka.brokers, uri, { route: slow })
    const writing = (async () => {
      for (let from = 0; from < 2_000; from += 100) {
        await Promise.all(numbers(100, from).map((value, at) => send(value, { CamelKafkaPartitionKey: at % 4 })))
      }
    })()
    const two = await reading(kafka.brokers, uri, { route: slow })
    await writing
    const bodies = () => [...one.route.bodies, ...two.route.bodies]
    await within(40, () => expect(bodies().length).toBeGreaterThanOrEqual(2_000))
    await one.stop()
    await two.stop()
    expect(bodies().toSorted()).toEqual(numbers(2_000).toSorted())
    expect(two.route.bodies.length).toBeGreaterThan(0)
  })
})

describe('a member with groupInstanceId', () => {
  it('comes back to its partitions without a rebalance of the others', async () => {
    const topic = await kafka.topic({ partitions: 2 })
    const groupId = kafka.name('group')
    const uri = (id: string) => `kafka:${topic}?groupId=${groupId}&autoOffsetReset=earliest&groupInstanceId=${id}`
    const { send } = await sending(kafka.brokers, `kafka:${topic}`)
    const one = await reading(kafka.brokers, uri('one'))
    const two = await reading(kafka.brokers, uri('two'))
    await within(30, async () => {
      await send('x', { CamelKafkaPartitionKey: 0 })
      await send('x', { CamelKafkaPartitionKey: 1 })
      expect(two.route.bodies.length).toBeGreaterThan(0)
    })
    await two.stop()
    const before = one.route.bodies.length
    await send('while away', { CamelKafkaPartitionKey: 0 })
    await send('while away', { CamelKafkaPartitionKey: 1 })
    const again = await reading(kafka.brokers, uri('two'))
    await within(20, () => expect(again.route.bodies).toContain('while away'))
    expect(one.route.bodies.slice(before).filter(body => body === 'while away')).toHaveLength(1)
  })
})
