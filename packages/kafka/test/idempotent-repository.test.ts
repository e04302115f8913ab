import { systemClock } from '@dromedary/core'
import { isDromedaryError } from '@dromedary/core/component'
import { eventually, FakeClock, fakeRoute, settle } from '@dromedary/testing'
import { idempotentRepositoryContract } from '@dromedary/testing/contracts'
import { describe, expect, it } from 'vitest'
import type { FetchedRecord } from '../src/client/port.ts'
import { KeyCache } from '../src/idempotent/key-cache.ts'
import { OwnWrites } from '../src/idempotent/own-writes.ts'
import { keptIn } from '../src/idempotent/repository.ts'
import { type KafkaIdempotentRepositoryOptions, kafkaIdempotentRepository } from '../src/index.ts'
import { KafkaFault, MemoryKafka } from './support/memory-kafka.ts'

idempotentRepositoryContract({
  name: 'kafka, on brokers in memory',
  async create() {
    const memory = new MemoryKafka(systemClock).topic('keys')
    return {
      repository: keptIn({ topic: 'keys' }, memory.open),
      another: () => keptIn({ topic: 'keys' }, memory.open),
      held: () => memory.readers + memory.producers,
    }
  },
  claims: { clear: true, persistent: true, shared: true },
})

const exchange = () => fakeRoute().entry.createExchange()

async function started(memory: MemoryKafka, options: Partial<KafkaIdempotentRepositoryOptions> = {}) {
  const repository = keptIn({ topic: 'keys', ...options }, memory.open)
  await repository.start?.()
  return repository
}

describe('what a member reads back', () => {
  const record = (writer: string): FetchedRecord => ({
    offsetDelta: 0,
    timestampDelta: 0n,
    key: Buffer.from('a'),
    value: Buffer.from('1'),
    headers: [[Buffer.from('dromedary-writer'), Buffer.from(writer)]],
  })

  it('says nothing while a later record of its own is on the way', () => {
    const own = new OwnWrites('me')
    expect(own.isLast('a', record('other'))).toBe(true)
    own.begun(['a', 'b'])
    own.begun(['a'])
    expect(own.isLast('a', record('other'))).toBe(false)
    expect(own.isLast('c', record('other'))).toBe(true)
    expect(own.isLast('a', record('me'))).toBe(false)
    expect(own.isLast('a', record('me'))).toBe(true)
    expect(own.isLast('a', record('other'))).toBe(true)
    own.failed(['b'])
    expect(own.isLast('b', record('other'))).toBe(true)
  })

  it('forgets no key that somebody is at work on here', () => {
    const keys = new KeyCache(10)
    keys.take('at work')
    keys.confirmed('done')
    for (const key of ['at work', 'done', 'unknown']) keys.forgetConfirmed(key)
    expect([keys.has('at work'), keys.has('done')]).toEqual([true, false])
  })
})

describe('a kafkaIdempotentRepository', () => {
  it('writes a key when it is done with, and nothing before: a process that dies in between leaves it new', async () => {
    const memory = new MemoryKafka(systemClock).topic('keys')
    const one = await started(memory)
    expect(one.add('a', exchange())).toBe(true)
    expect(memory.log('keys')).toEqual([])
    const two = await started(memory)
    expect(two.add('a', exchange())).toBe(true)
    await one.confirm('a', exchange())
    expect(memory.log('keys').map(({ key }) => String(key))).toEqual(['a'])
    await Promise.all([one.stop?.(), two.stop?.()])
  })

  it('removes with a tombstone, and only what is in the topic', async () => {
    const memory = new MemoryKafka(systemClock).topic('keys')
    const one = await started(memory)
    one.add('a', exchange())
    await one.remove('a', exchange())
    expect(memory.log('keys')).toEqual([])
    one.add('b', exchange())
    await one.confirm('b', exchange())
    await one.remove('b', exchange())
    expect(memory.log('keys').map(({ value }) => value)).toEqual([Buffer.from('1'), null])
    await one.stop?.()
  })

  it('does not take back what was done since by what it reads of itself', async () => {
    const memory = new MemoryKafka(systemClock).topic('keys')
    const one = await started(memory)
    for (let round = 0; round < 20; round++) {
      expect(one.add('a', exchange()), `round ${round}`).toBe(true)
      await one.confirm('a', exchange())
      await one.remove('a', exchange())
      await settle()
    }
    expect(one.add('a', exchange())).toBe(true)
    await eventually(() => memory.log('keys').length === 40)
    await settle()
    expect(one.add('a', exchange())).toBe(false)
    await one.stop?.()
  })

  it('ends everywhere with what the topic says last', async () => {
    const memory = new MemoryKafka(systemClock).topic('keys')
    const one = await started(memory)
    const two = await started(memory)
    one.add('a', exchange())
    two.add('a', exchange())
    await Promise.all([one.confirm('a', exchange()), two.confirm('a', exchange()), one.remove('a', exchange())])
    const last = memory.log('keys').at(-1)?.value !== null
    await eventually(() => one.contains('a', exchange()) === last && two.contains('a', exchange()) === last)
    await Promise.all([one.stop?.(), two.stop?.()])
  })

  it('forgets what was used longest ago beyond maxCacheSize', async () => {
    const memory = new MemoryKafka(systemClock).topic('keys')
    const one = await started(memory, { maxCacheSize: 2 })
    for (const key of ['a', 'b']) one.add(key, exchange())
    expect(one.contains('a', exchange())).toBe(true)
    one.add('c', exchange())
    expect(['a', 'b', 'c'].map(key => one.contains(key, exchange()))).toEqual([true, false, true])
    await one.stop?.()
  })

  it('starts on a topic with one partition only', async () => {
    for (const [memory, why] of [
      [new MemoryKafka(systemClock), /does not exist.*cleanup.policy=compact/],
      [new MemoryKafka(systemClock).topic('keys', 2), /2 partitions/],
    ] as const) {
      const error = await started(memory).catch(one => one)
      expect(isDromedaryError(error, 'DROMEDARY_CONFIG'), String(error)).toBe(true)
      expect(error.message).toMatch(why)
      expect(memory.readers).toBe(0)
    }
  })

  it('waits startTimeoutMs for brokers that are away', async () => {
    const clock = new FakeClock()
    const memory = new MemoryKafka(clock).topic('keys')
    memory.fault = new KafkaFault('retriable', 'connection refused')
    const late = started(memory, { clock, startTimeoutMs: 5_000 }).catch(error => error)
    await clock.advance(6_000)
    expect(await late).toMatchObject({
      code: 'DROMEDARY_KAFKA_READ',
      message: expect.stringContaining('connection refused'),
    })
    const soon = started(memory, { clock })
    await clock.advance(6_000)
    memory.fault = undefined
    await clock.advance(1_000)
    const repository = await soon
    const stopped = repository.stop?.()
    await clock.advance(2_000)
    await stopped
  })

  it('says what is wrong with its options', () => {
    for (const [options, why] of [
      [{ topic: 'a b' }, /"a b"/],
      [{ topic: 'keys', maxCacheSize: 0 }, /maxCacheSize/],
      [{ topic: 'keys', brokers: 'nowhere' }, /brokers/],
      [{ topic: 'keys', requestTimeoutMs: -1 }, /requestTimeoutMs/],
      [{ topic: 'keys', broker: 'a:1' }, /broker/],
    ] as const) {
      expect(() => kafkaIdempotentRepository(options as KafkaIdempotentRepositoryOptions)).toThrow(why)
    }
  })

  it('confirms nothing before it has started', async () => {
    const repository = kafkaIdempotentRepository({ topic: 'keys' })
    await expect(async () => repository.confirm('a', exchange())).rejects.toMatchObject({
      code: 'DROMEDARY_INVALID_STATE',
    })
  })
})
