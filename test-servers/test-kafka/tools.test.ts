import { findServerSource, kafkaTool } from '@dromedary/test-servers/kafka'
import { sharedKafka } from '@dromedary/test-servers/kafka/vitest'
import { describe, expect, it } from 'vitest'

const kafka = sharedKafka()

// Somebody else's brokers may be all that there is.
describe.skipIf(findServerSource().kind === 'none')("Kafka's own tools", () => {
  it('write values and read them back, in order, with keys if wanted', async () => {
    const topic = await kafka.topic()
    await kafka.write(topic, ['one', 'two', 'größer als drei', ''])
    expect(await kafka.read(topic, { count: 4 })).toEqual(['one', 'two', 'größer als drei', ''])
    expect(await kafka.read(topic, { count: 2, keys: true })).toEqual(['null\tone', 'null\ttwo'])
  })

  it('read one partition alone', async () => {
    const topic = await kafka.topic({ partitions: 2 })
    await kafka.write(topic, ['somewhere'])
    const both = await Promise.all([0, 1].map(partition => kafka.read(topic, { partition, quiet: 3_000 })))
    expect(both.flat()).toEqual(['somewhere'])
  })

  it('measure a producer and a consumer', async () => {
    const topic = await kafka.topic()
    const records = ['--topic', topic, '--num-records', '1000', '--record-size', '200', '--throughput', '-1']
    expect(await kafka.tool('kafka-producer-perf-test', records)).toMatch(/1000 records sent, [\d.]+ records\/sec/)
    const read = await kafka.tool('kafka-consumer-perf-test', ['--topic', topic, '--num-records', '1000'])
    expect(read).toMatch(/, 1000, /)
  })

  it('read nothing of an open transaction, unless told to', async () => {
    const topic = await kafka.topic()
    await kafka.write(topic, ['committed'])
    const endless = ['--topic', topic, '--num-records', '1000000', '--record-size', '10', '--throughput', '100']
    const transactional = ['--transactional-id', kafka.name('tx'), '--transaction-duration-ms', '3600000']
    const end = new AbortController()
    const writing = kafka.tool('kafka-producer-perf-test', [...endless, ...transactional], { signal: end.signal })
    const stopped = expect(writing).rejects.toThrow('aborted')
    await expect
      .poll(() => kafka.endOffset(topic, { committed: false }), { timeout: 60_000, interval: 100 })
      .toBeGreaterThan(10)
    expect(await kafka.endOffset(topic)).toBe(1)
    const all = await kafka.read(topic, { count: 10, committed: false })
    expect(all[0]).toBe('committed')
    expect(all).toHaveLength(10)
    expect(await kafka.read(topic)).toEqual(['committed'])
    end.abort()
    await stopped
  })

  it('say what is wrong', async () => {
    await expect(kafkaTool('kafka-topics', ['--no-such-option'])).rejects.toThrow(
      /^kafka-topics ended with 1: [\s\S]*no-such-option/,
    )
  })
})
