import { setTimeout as wait } from 'node:timers/promises'
import { startKafka } from '@dromedary/test-servers/kafka'
import { sharedKafka } from '@dromedary/test-servers/kafka/vitest'
import { describe, expect, it } from 'vitest'
import { numbers, reading, sending, within } from './support/real.ts'

const kafka = sharedKafka()
const earliest = (topic: string) => `kafka:${topic}?groupId=${kafka.name('group')}&autoOffsetReset=earliest`

describe('a broker that is not there at the start', () => {
  it('absent broker: keeps nothing from starting; when it comes, all that waited is written and read', async () => {
    await using proxy = await kafka.proxy()
    const topic = await kafka.topic()
    await proxy.refuse()
    const started = performance.now()
    const { route } = await reading(proxy.address, earliest(topic))
    const { send, route: log } = await sending(proxy.address, `kafka:${topic}`)
    expect(performance.now() - started).toBeLessThan(3_000)
    const sent = numbers(20).map(value => send(value))
    // Longer than the client is patient: its send would reject after 3 seconds.
    await wait(5_000)
    expect(route.states).toEqual(['disconnected'])
    await proxy.pass()
    await Promise.all(sent)
    await within(20, () => expect(route.bodies).toEqual(numbers(20)))
    expect(route.states).toEqual(['disconnected', 'connected'])
    expect(log.logs.map(({ level }) => level)).toEqual(['warn', 'info'])
  })
})

describe('an outage', () => {
  it('consumer stream closed by an outage: longer than the stream of the client lives, it does not end the consumer, and loses and doubles nothing', async () => {
    await using broker = await startKafka()
    const topic = await broker.topic({ partitions: 2 })
    const { route } = await reading(broker.brokers, `kafka:${topic}?groupId=g&autoOffsetReset=earliest`)
    const { send, route: log } = await sending(broker.brokers, `kafka:${topic}`)
    await Promise.all(numbers(100).map(value => send(value, { CamelKafkaKey: value })))
    await within(20, () => expect(route.bodies).toHaveLength(100))
    await broker.kill()
    const waiting = numbers(100, 100).map(value => send(value, { CamelKafkaKey: value }))
    await wait(16_000)
    await broker.start()
    await Promise.all(waiting)
    await within(40, () => expect(route.bodies).toHaveLength(200))
    await wait(500)
    expect(route.bodies.toSorted()).toEqual(numbers(200).toSorted())
    // A broker that is new may need more than a second to be able to keep offsets.
    expect(route.states.slice(-3)).toEqual(['connected', 'disconnected', 'connected'])
    expect(log.logs.map(({ level }) => level)).toEqual(['warn', 'info'])
  })

  it('in which answers are lost writes nothing twice, and in order', async () => {
    await using proxy = await kafka.proxy()
    const topic = await kafka.topic()
    const { send } = await sending(proxy.address, `kafka:${topic}?requestTimeoutMs=2000`)
    await send('first')
    await proxy.holdAnswers()
    const sent = numbers(50).map(value => send(value))
    await wait(1_000)
    await proxy.reset()
    await wait(500)
    await proxy.pass()
    await Promise.all(sent)
    expect(await kafka.read(topic, { count: 51 })).toEqual(['first', ...numbers(50)])
  })

  it('unbounded pending sends: lets only maxPendingRecords into memory: the sends after them wait outside', async () => {
    await using proxy = await kafka.proxy()
    const topic = await kafka.topic()
    const { send, route: log } = await sending(proxy.address, `kafka:${topic}?maxPendingRecords=100`)
    await send('first')
    await proxy.refuse()
    let settled = 0
    const sent = numbers(1_000).map(value => send(value).then(() => void settled++))
    await wait(3_000)
    expect(settled).toBe(0)
    expect(log.logs.map(({ message }) => message)).toEqual([expect.stringContaining('while 100 records wait')])
    await proxy.pass()
    await Promise.all(sent)
    expect(await kafka.read(topic, { count: 1_001 })).toEqual(['first', ...numbers(1_000)])
  })

  it('dead producer after a time-out: longer than deliveryTimeoutMs, it fails the exchange, and the next is written all the same', async () => {
    await using proxy = await kafka.proxy()
    const topic = await kafka.topic()
    const { send } = await sending(proxy.address, `kafka:${topic}?deliveryTimeoutMs=2s&requestTimeoutMs=1000`)
    await send('first')
    await proxy.refuse()
    await expect(send('lost')).rejects.toMatchObject({ code: 'DROMEDARY_KAFKA_TIMEOUT' })
    await proxy.pass()
    await send('next')
    // Longer than the client waits between two attempts: what was given up must not come after all.
    await wait(3_000)
    await send('last')
    expect(await kafka.read(topic, { count: 3 })).toEqual(['first', 'next', 'last'])
  })
})

describe('a broker that does not answer any more', () => {
  it('keeps neither a consumer nor a producer from closing', async () => {
    await using proxy = await kafka.proxy()
    const topic = await kafka.topic()
    const { send, producer } = await sending(proxy.address, `kafka:${topic}`)
    await send('first')
    const { route, stop } = await reading(proxy.address, `${earliest(topic)}&commitTimeoutMs=1s`)
    await within(20, () => expect(route.bodies).toEqual(['first']))
    await proxy.blackHole()
    const sent = send('lost').catch(error => error.code)
    await wait(200)
    const began = performance.now()
    await Promise.all([stop(), producer.close?.()])
    expect(performance.now() - began).toBeLessThan(6_000)
    expect(await sent).toBe('DROMEDARY_NOT_ACCEPTING')
  })
})

describe('warming up', () => {
  it('waits for the broker, and for the topic', async () => {
    await using proxy = await kafka.proxy()
    const topic = kafka.name('late')
    await proxy.refuse()
    const { producer } = await sending(proxy.address, `kafka:${topic}`)
    let isWarm = false
    const warm = Promise.resolve(producer.warmUp?.(AbortSignal.timeout(30_000))).then(() => {
      isWarm = true
    })
    await wait(500)
    expect(isWarm).toBe(false)
    await proxy.pass()
    await kafka.createTopic({ name: topic }).catch(() => {})
    await warm
  })
})
