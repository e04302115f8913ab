import { FakeClock } from '@dromedary/testing'
import { describe, expect, it } from 'vitest'
import { partitionOf } from '../src/session/kept.ts'
import { Positions } from '../src/session/positions.ts'
import { ModelBroker, type ModelReader } from './support/model-broker.ts'
import { within } from './support/within.ts'

const KEY = 'app/ns/route'
const clock = new FakeClock()
const never = new AbortController().signal

function setUp(partitions = 4) {
  const broker = new ModelBroker()
  if (partitions > 0) broker.createTopic('positions', partitions)
  const readers: ModelReader[] = []
  const client = broker.client()
  const open = async () => {
    const reader = broker.reader()
    readers.push(reader)
    return reader
  }
  const own = () => partitionOf(KEY, broker.partitionsOf('positions'))
  const write = (value: string | null, { key = KEY, partition = own(), id = 'writer', isOpen = false } = {}) => {
    const epoch = broker.init(id)
    const bytes = value === null ? null : Buffer.from(value)
    broker.send(id, epoch, [{ topic: 'positions', partition, key: Buffer.from(key), value: bytes }])
    if (!isOpen) broker.end(id, epoch, 'committed')
    return () => broker.end(id, epoch, 'committed')
  }
  const positions = new Positions(client, open, clock)
  const newest = async (signal = never) => {
    const values = await within(clock, positions.newest('positions', KEY, signal))
    return Array.isArray(values) ? values.map(String) : values
  }
  return { broker, readers, client, positions, own, write, newest }
}

describe('positions', () => {
  it('finds the newest of a key, however many follow', async () => {
    const { write, newest } = setUp(1)
    write('old')
    write('new')
    for (let n = 0; n < 1_000; n++) write(`${n}`, { key: 'other' })
    expect(await newest()).toEqual(['new'])
  })

  it('finds it in a topic that was compacted, with holes where the others were', async () => {
    const { broker, write, newest } = setUp(1)
    for (let n = 0; n < 400; n++) write(`${n}`)
    for (let n = 0; n < 400; n++) write(`${n}`, { key: 'other' })
    broker.compact('positions', 0)
    expect(await newest()).toEqual(['399'])
  })

  it('finds nothing where nothing is', async () => {
    expect(await setUp().newest()).toEqual([])
  })

  it('takes a record without a value for a position that was removed', async () => {
    const { write, newest } = setUp()
    write('mistake')
    write(null)
    expect(await newest()).toEqual([])
  })

  it('does not take the empty answers of a broker that throttles for the end', async () => {
    const { readers, positions, write, newest } = setUp()
    write('kept')
    await positions.partitions('positions')
    for (const reader of readers) reader.throttled = 9
    expect(await newest()).toEqual(['kept'])
  })

  it('waits for a transaction that hides what comes after it', async () => {
    const { write, positions } = setUp(1)
    write('old')
    const commit = write('x', { id: 'other', key: 'other', isOpen: true })
    write('new')
    const found = positions.newest('positions', KEY, never)
    expect(await within(clock, found, 1_000)).toBe('waits')
    commit()
    expect(String(await within(clock, found))).toBe('new')
  })

  it('says so when that takes long', async () => {
    const { write, positions } = setUp(1)
    write('x', { id: 'other', isOpen: true })
    const found = positions.newest('positions', KEY, never)
    expect(await within(clock, found, 4_900)).toBe('waits')
    expect(await within(clock, found)).toMatchObject({ message: expect.stringContaining('partition 0 of positions') })
  })

  it('stops to wait when it is called off', async () => {
    const { write, positions } = setUp(1)
    write('x', { id: 'other', isOpen: true })
    const off = new AbortController()
    const found = positions.newest('positions', KEY, off.signal)
    expect(await within(clock, found, 1_000)).toBe('waits')
    off.abort(new Error('enough'))
    expect(await within(clock, found)).toMatchObject({ message: 'enough' })
  })

  it('opens no reader once it is called off', async () => {
    const { readers, positions } = setUp()
    await expect(positions.newest('positions', KEY, AbortSignal.abort(new Error('enough')))).rejects.toThrowError(
      'enough',
    )
    expect(readers).toEqual([])
  })

  it('finds what was kept when the topic had fewer partitions', async () => {
    const { broker, write, own, newest } = setUp(4)
    write('kept')
    const before = own()
    broker.createTopic('positions', 7)
    expect(own()).not.toBe(before)
    expect(await newest()).toEqual(['kept'])
  })

  it('replaces a reader that failed, and closes it', async () => {
    const { readers, write, newest } = setUp()
    write('kept')
    await newest()
    for (const reader of readers) reader.isBroken = true
    expect(await newest()).toMatchObject({ message: 'connection refused' })
    expect(await newest()).toEqual(['kept'])
    expect(readers.map(({ isClosed }) => isClosed)).toEqual([true, false])
  })

  it('makes the topic where it is missing, and again where it was deleted', async () => {
    const { broker, client, positions } = setUp(0)
    expect(await within(clock, positions.partitions('positions'))).toBe(4)
    broker.deleteTopic('positions')
    expect(await within(clock, positions.partitions('positions'))).toBe(4)
    expect(client.made).toEqual(['positions', 'positions'])
  })

  it('makes nothing where the topic is there: not everybody may', async () => {
    const { client, positions } = setUp()
    await positions.warmUp('positions', [])
    expect(client.made).toEqual([])
  })

  it.each(['delete', 'compact,delete'])('refuses a topic that forgets: %s', async policy => {
    const { broker, positions } = setUp()
    broker.policies.set('positions', policy)
    await expect(positions.partitions('positions')).rejects.toMatchObject({ code: 'DROMEDARY_KAFKA_POSITION' })
    broker.policies.set('positions', 'compact')
    expect(await positions.partitions('positions')).toBe(4)
  })
})
