import { isDromedaryError, NAMES } from '@dromedary/core/component'
import { FakeClock, settle } from '@dromedary/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Session } from '../src/session/session.ts'
import { type Faults, ModelBroker } from './support/model-broker.ts'
import { TestLeadership } from './support/test-leadership.ts'
import { within } from './support/within.ts'
import { endOf, exchange, newExchange, record, Workplace, work } from './support/workplace.ts'

const clock = new FakeClock()
let broker: ModelBroker
let faults: Partial<Faults>
let place: Workplace

beforeEach(() => {
  broker = new ModelBroker()
  broker.createTopic('data', 1)
  broker.createTopic('positions', 4)
  faults = {}
  place = new Workplace(clock, broker.client(faults), async () => broker.reader())
})

describe('a session', () => {
  it('writes what exchanges sent in their order, with the last position', async () => {
    const session = place.session({}, new TestLeadership(7n))
    expect(await within(clock, session.opened())).toMatchObject({ term: 7n, position: undefined })
    const all = [1, 2, 3].map(n => exchange(session, { records: [record(`r${n}`)], position: BigInt(n) }))
    await within(clock, Promise.all(all))
    expect(broker.values('data')).toEqual(['r1', 'r2', 'r3'])
    const next = place.session({}, new TestLeadership(8n))
    expect(await within(clock, next.opened())).toMatchObject({ term: 8n, position: 3n })
  })

  it('says nothing for each exchange that fails because its term has ended', async () => {
    const leadership = new TestLeadership(1n)
    const session = place.session({}, leadership)
    await within(clock, session.opened())
    const running = Array.from({ length: 1_000 }, () => newExchange())
    for (const [at, one] of running.entries()) work(session, one, { records: [record('x')], position: at })
    leadership.end()
    await settle()
    for (const one of running) {
      expect(isDromedaryError(one.exception, 'DROMEDARY_NOT_LEADER')).toBe(true)
      await endOf(one)
    }
    expect(place.lines.length).toBeLessThan(5)
    expect(leadership.resigned).toEqual([])
    expect(broker.values('data')).toEqual([])
  })

  it('fails the exchange that waits, when a part of it handed over its unit of work', async () => {
    const leadership = new TestLeadership(1n)
    const session = place.session({}, leadership)
    await within(clock, session.opened())
    faults.answer = ({ kind }) => (kind === 'commit' ? new Promise(() => {}) : undefined)
    const whole = newExchange()
    const part = whole.copy()
    work(session, part, { records: [record('x')] })
    part.unitOfWork.handOver(whole.unitOfWork)
    const ended = endOf(whole)
    await within(clock, ended, 100)
    leadership.end()
    await within(clock, ended)
    expect(whole.failed).toBe(true)
  })

  it('writes what an exchange sends after its parts after what they sent, and keeps its position no earlier', async () => {
    const session = place.session({}, new TestLeadership(1n))
    await within(clock, session.opened())
    const whole = newExchange()
    const parts = ['a', 'b'].map(value => {
      const part = whole.copy()
      work(session, part, { records: [record(value)] })
      part.unitOfWork.handOver(whole.unitOfWork)
      return session.entry(part)
    })
    work(session, whole, { records: [record('c')], position: 1 })
    expect(parts.map(({ position }) => position)).toEqual([undefined, undefined])
    await within(clock, endOf(whole))
    expect(broker.values('data')).toEqual(['a', 'b', 'c'])
  })

  it('has one share of an exchange that also writes to other brokers', async () => {
    const one = place.session({}, new TestLeadership(1n))
    const otherBroker = new ModelBroker()
    otherBroker.createTopic('data', 1)
    const other = new Workplace(clock, otherBroker.client(), async () => otherBroker.reader()).session(
      {},
      new TestLeadership(1n),
    )
    await within(clock, Promise.all([one.opened(), other.opened()]))
    const both = newExchange()
    work(one, both, { position: 1, records: [record('a')] })
    work(other, both, { records: [record('b')] })
    const first = one.entry(both)
    work(one, both, { records: [record('c')] })
    expect(one.entry(both)).toBe(first)
    await within(clock, endOf(both))
    expect(broker.values('data')).toEqual(['a', 'c'])
    expect(otherBroker.values('data')).toEqual(['b'])
    const commits = broker.operations.filter(({ kind }) => kind === 'commit').length
    expect(commits).toBe(2) // the claim, and this
  })

  it('has one share of an exchange whose properties a step removed', async () => {
    const session = place.session({}, new TestLeadership(1n))
    const one = newExchange()
    work(session, one, { position: 1, records: [record('a')] })
    const entry = session.entry(one)
    for (const name of [...one.properties.keys()]) one.removeProperty(name)
    expect(session.entry(one)).toBe(entry)
  })

  it('finds the share of an exchange from its copies until it has ended', async () => {
    const session = place.session({}, new TestLeadership(1n))
    const whole = newExchange()
    work(session, whole, { position: 1 })
    const [copy, late] = [whole.copy(), whole.copy()]
    const entry = session.entry(whole)
    expect(session.entry(copy)).toBe(entry)
    await within(clock, endOf(whole))
    expect(session.entry(late)).not.toBe(entry)
  })

  it('does not wait for a group that waits for the exchange that completed it', async () => {
    const session = place.session({}, new TestLeadership(1n))
    await within(clock, session.opened())
    const first = newExchange()
    work(session, first, { records: [record('raw1')] })
    const group = first.copy()
    group.setProperty(NAMES.aggregatedSize, 2)
    await within(clock, endOf(first))
    const second = newExchange()
    work(session, second, { records: [record('raw2')] })
    // The second one completes the group, and ends when that has ended.
    work(session, group, { records: [record('both')] })
    expect(await within(clock, endOf(group))).not.toBe('waits')
    expect(await within(clock, endOf(second))).not.toBe('waits')
    expect(broker.values('data')).toEqual(['raw1', 'raw2', 'both'])
  })

  it('keeps a position as it was when the exchange had it', async () => {
    const session = place.session({}, new TestLeadership(1n))
    const position = { file: 'a', line: 1 }
    const one = newExchange()
    work(session, one, { position })
    position.line = 99
    await within(clock, endOf(one))
    const next = place.session({}, new TestLeadership(2n))
    expect(await within(clock, next.opened())).toMatchObject({ position: { file: 'a', line: 1 } })
  })

  it.each([
    ['a bigint within an object', { at: 5n }],
    ['no number', Number.NaN],
    ['a function', () => {}],
    ['a circle', circle()],
  ])('refuses a position that JSON cannot hold: %s', async (_, position) => {
    const session = place.session({}, new TestLeadership(1n))
    const one = newExchange()
    expect(() => session.position(one, position, 'stop')).toThrowError(
      expect.objectContaining({ code: 'DROMEDARY_KAFKA_POSITION' }),
    )
    // The next ones are not held up by it.
    await within(clock, endOf(one))
    expect((await within(clock, exchange(session, { position: 'p' }))) as unknown).not.toBe('waits')
  })

  it('splits what is larger than a broker takes at once', async () => {
    const session = place.session({ transactionInterval: 0 }, new TestLeadership(1n))
    const value = 'x'.repeat(2_000)
    const records = Array.from({ length: 2_000 }, (_, at) => record(`${at}:${value}`))
    const sent = await within(clock, exchange(session, { records }))
    expect(sent).not.toBe('waits')
    expect(broker.values('data').map(one => one.split(':')[0])).toEqual(records.map((_, at) => String(at)))
    expect(broker.operations.filter(({ kind }) => kind === 'init')).toHaveLength(1)
  })

  it('forgets exchanges that have left', async () => {
    const session = place.session({}, new TestLeadership(1n))
    const slow = newExchange()
    const gone = await (async () => {
      const one = newExchange()
      one.body = { large: true }
      const weak = new WeakRef(one.body as object)
      work(session, one, { records: [record('x')] })
      await within(clock, endOf(one))
      return weak
    })()
    work(session, slow, { position: 1 })
    await collectGarbage()
    expect(gone.deref()).toBeUndefined()
  })
})

describe('when the end comes', () => {
  it('initialises nothing after its end, although it was about to', async () => {
    const leadership = new TestLeadership(1n)
    let close: (() => void) | undefined
    const session = place.session({}, leadership)
    await within(clock, session.opened())
    const { producer } = place.transactions
    // What closes late is what is replaced.
    place.transactions.producer = id => {
      const made = producer.call(place.transactions, id)
      return { ...made, isBusy: false, close: () => new Promise<void>(resolve => { close = () => resolve(made.close()) }) } // biome-ignore format: one thing
    }
    broker.isDown = true
    const lost = exchange(session, { records: [record('x')] })
    await within(clock, lost, 5_000)
    broker.isDown = false
    const before = broker.operations.filter(({ kind }) => kind === 'init').length
    leadership.end()
    close?.()
    await within(clock, lost)
    await clock.advance(10_000)
    expect(broker.operations.filter(({ kind }) => kind === 'init')).toHaveLength(before)
  })

  it('closes every producer', async () => {
    const client = broker.client(faults)
    place = new Workplace(clock, client, async () => broker.reader())
    for (const kind of ['init', 'send', 'commit'] as const) {
      const leadership = new TestLeadership(BigInt(client.openProducers + broker.operations.length + 1))
      let reached = false
      faults.answer = async operation => {
        if (operation.kind !== kind) return
        reached = true
        leadership.end()
      }
      const session = place.session({ fences: ['old'] }, leadership)
      const sent = exchange(session, { records: [record('x')] })
      await within(clock, sent)
      await within(clock, session.opened())
      await clock.advance(1_000)
      expect(reached).toBe(true)
      expect(client.openProducers).toBe(0)
    }
  })

  it('aborts what is open at the end of its term, but lets the client try nothing again', async () => {
    for (const isUnderWay of [false, true]) {
      const leadership = new TestLeadership(BigInt(broker.operations.length + 1))
      const session = place.session({ transactionInterval: 3_600_000 }, leadership)
      await within(clock, exchange(session, { records: [record('a')] }))
      const answer = Promise.withResolvers<void>()
      if (isUnderWay) faults.answer = ({ kind }) => (kind === 'send' ? answer.promise : undefined)
      const lost = exchange(session, { records: [record('b')] })
      await clock.advance(100)
      const before = broker.operations.length
      leadership.end()
      await within(clock, lost)
      answer.resolve()
      await clock.advance(100)
      expect(broker.operations.slice(before).map(({ kind }) => kind)).toEqual(isUnderWay ? [] : ['abort'])
      delete faults.answer
    }
  })

  it('commits at once what is there when the term closes', async () => {
    const leadership = new TestLeadership(1n)
    const session = place.session({ transactionInterval: 3_600_000 }, leadership)
    await within(clock, session.opened())
    await within(clock, exchange(session, { records: [record('a')] }))
    const waits = exchange(session, { records: [record('b')] })
    expect(await within(clock, waits, 1_000)).toBe('waits')
    leadership.close('stopped')
    expect(await within(clock, waits, 10)).not.toBe('waits')
    expect(broker.values('data')).toEqual(['a', 'b'])
  })

  it('tries again at once when the term closes, instead of sitting out its pause', async () => {
    const leadership = new TestLeadership(1n)
    const session = place.session({}, leadership)
    await within(clock, session.opened())
    broker.isDown = true
    const waits = exchange(session, { records: [record('a')] })
    await clock.advance(12_000)
    broker.isDown = false
    leadership.close('stopped')
    expect(await within(clock, waits, 300)).not.toBe('waits')
    expect(broker.values('data')).toEqual(['a'])
  })
})

describe('a failed exchange', () => {
  it('is never passed with failures=stop, and its leader resigns', async () => {
    const leadership = new TestLeadership(1n)
    const session = place.session({}, leadership)
    await within(clock, exchange(session, { records: [record('a')], position: 1 }))
    await within(clock, exchange(session, { records: [record('b')], position: 2, failure: new Error('no') }))
    const late = await within(
      clock,
      exchange(session, { records: [record('c')], position: 3 }).catch(error => error),
    )
    expect(isDromedaryError(late, 'DROMEDARY_INTERRUPTED')).toBe(true)
    expect(leadership.resigned).toHaveLength(1)
    const next = place.session({}, new TestLeadership(2n))
    expect(await within(clock, next.opened())).toMatchObject({ position: 1 })
    expect(broker.values('data')).toEqual(['a'])
  })

  it('is passed with failures=pass, without what it sent', async () => {
    const session = place.session({}, new TestLeadership(1n))
    const failed = { records: [record('b')], position: 2, failure: new Error('no'), failures: 'pass' as const }
    await within(
      clock,
      Promise.all([exchange(session, { records: [record('a')], position: 1 }), exchange(session, failed)]),
    )
    await within(clock, exchange(session, { records: [record('c')] }))
    expect(broker.values('data')).toEqual(['a', 'c'])
    const next = place.session({}, new TestLeadership(2n))
    expect(await within(clock, next.opened())).toMatchObject({ position: 2 })
  })
})

function circle(): object {
  const one: { self?: object } = {}
  one.self = one
  return one
}

async function collectGarbage(): Promise<void> {
  const { setFlagsFromString } = await import('node:v8')
  const { runInNewContext } = await import('node:vm')
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  for (let round = 0; round < 5; round++) {
    await settle(2)
    gc()
  }
}

export type { Session }
