import { createTopic, type KafkaServer, kafkaTool, metadata, startKafka } from '@dromedary/test-servers/kafka'
import { sharedKafka } from '@dromedary/test-servers/kafka/vitest'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'

/** So much for a record of 1,000 bytes, however it is sent. */
const RECORD = 1_000

describe.skipIf(!sharedKafka().owned)('a broker behind a proxy', () => {
  let server: KafkaServer
  beforeAll(async () => {
    server = await startKafka({ proxied: true })
  })
  afterAll(() => server[Symbol.asyncDispose]())
  afterEach(() => server.faults.pass())

  /** Sends records of {@link RECORD} bytes through the proxy with Kafka's own tool; gives back what it said. */
  const produce = (topic: string, records: number) =>
    kafkaTool('kafka-producer-perf-test', [
      ...['--topic', topic, '--num-records', String(records), '--record-size', String(RECORD), '--throughput', '-1'],
      ...['--bootstrap-server', server.proxiedBrokers, '--command-property', 'acks=all'],
    ])

  const isThrough = (within = 5_000) => metadata(server.proxiedBrokers, [], within)

  it('tells clients of the proxy to stay behind it, and others not', async () => {
    expect((await isThrough()).brokers).toEqual([server.proxiedBrokers])
    expect((await metadata(server.brokers, [])).brokers).toEqual([server.brokers])
    expect(server.proxiedBrokers).not.toBe(server.brokers)
  })

  it('is reached again after a cut, on the same port', async () => {
    await server.faults.refuse()
    await expect(isThrough()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    expect((await metadata(server.brokers, [])).brokers).toEqual([server.brokers])
    await server.faults.pass()
    expect((await isThrough()).brokers).toEqual([server.proxiedBrokers])
  })

  it('resets connections', async () => {
    await server.faults.reset()
    await expect(isThrough()).rejects.toMatchObject({ code: 'ECONNRESET' })
  })

  it('does not hear what a black hole swallows', async () => {
    await server.faults.blackHole()
    const answer = isThrough(30_000)
    await expect(isThrough(300)).rejects.toThrow('did not answer')
    await server.faults.pass()
    expect((await answer).brokers).toEqual([server.proxiedBrokers])
  })

  it('does what it is asked for though nobody learns of it', async () => {
    await server.faults.holdAnswers()
    const name = server.name()
    const settled = vi.fn()
    const made = createTopic(server.proxiedBrokers, { name })
    made.then(settled, settled)
    const errors = async () => (await metadata(server.brokers, [name])).topics.map(({ error }) => error)
    await expect.poll(errors, { timeout: 10_000 }).toEqual([0])
    expect(settled).not.toHaveBeenCalled()
    await server.faults.pass()
    await made
  })

  it('does not get what is held on the way to it', async () => {
    // The end of an earlier connection would be held, too.
    await expect.poll(() => server.faults.connections).toBe(0)
    await server.faults.holdRequests()
    const name = server.name()
    const made = createTopic(server.proxiedBrokers, { name })
    await expect.poll(() => server.faults.connections).toBe(1)
    // Another request, made later and answered, is proof enough that the first one is not there.
    await server.topic()
    expect((await metadata(server.brokers, [name])).topics[0]?.error).not.toBe(0)
    await server.faults.pass()
    await made
  })

  it('is throttled: what takes a moment takes as long as its bytes', async () => {
    const topic = await server.topic()
    // The tool's own figure: the seconds that a busy machine needs to start it are not in it.
    const recordsPerSecond = async () => Number(/ ([\d.]+) records\/sec/.exec(await produce(topic, 200))?.[1])
    server.faults.throttle(50_000)
    expect(await recordsPerSecond()).toBeLessThan(1.3 * (50_000 / RECORD))
    server.faults.throttle(Number.POSITIVE_INFINITY)
    expect(await recordsPerSecond()).toBeGreaterThan(0)
  })

  it('stays behind the proxy through a restart', async () => {
    await server.restart()
    expect((await isThrough()).brokers).toEqual([server.proxiedBrokers])
  })
})

describe.skipIf(!sharedKafka().owned)('the shared broker', () => {
  it('gives each test a way of its own', async () => {
    const { brokers } = sharedKafka()
    await using first = await sharedKafka().proxy()
    await using second = await sharedKafka().proxy()
    expect(first.address).not.toBe(second.address)
    await first.refuse()
    await expect(metadata(first.address, [])).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    expect((await metadata(second.address, [])).brokers).toEqual([second.address])
    expect((await metadata(brokers, [])).brokers).toEqual([brokers])
  })

  it('gives a way to the next when the one before has done with it', async () => {
    const ways = sharedKafka().info.ways.length
    const all = await Promise.all(Array.from({ length: ways }, () => sharedKafka().proxy()))
    const next = sharedKafka().proxy()
    const [given] = all
    await given?.[Symbol.asyncDispose]()
    expect((await next).port).toBe(given?.port)
    for (const one of [await next, ...all.slice(1)]) await one[Symbol.asyncDispose]()
  })
})
