import { DromedaryError, isDromedaryError, sleep } from '@dromedary/core/component'
import { FakeClock, settle } from '@dromedary/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import { type Faults, ModelBroker } from './support/model-broker.ts'
import { TestLeadership } from './support/test-leadership.ts'
import { within } from './support/within.ts'
import { exchange, record, Workplace } from './support/workplace.ts'

const clock = new FakeClock()
let broker: ModelBroker

beforeEach(() => {
  broker = new ModelBroker()
  broker.createTopic('data', 1)
  broker.createTopic('positions', 4)
})

const member = (faults: Partial<Faults> = {}) =>
  new Workplace(clock, broker.client(faults), async () => broker.reader())

const inits = () => broker.operations.filter(({ kind }) => kind === 'init').length

describe('a leader', () => {
  it('is fenced at most once by a zombie that wakes before its first initialisation', async () => {
    let wake = () => {}
    const asleep = new Promise<void>(resolve => {
      wake = resolve
    })
    const zombie = member({ request: ({ kind }) => (kind === 'init' ? asleep : undefined) })
    const old = new TestLeadership(5n)
    const itsSession = zombie.session({}, old)
    const late = exchange(itsSession, { records: [record('zombie')], position: 0 })
    const leadership = new TestLeadership(6n)
    const leader = member()
    const session = leader.session({}, leadership)
    await within(clock, exchange(session, { records: [record('r1')], position: 1 }))
    // It believes that it leads, until it reads what is kept.
    wake()
    expect(isDromedaryError((await within(clock, late)) as unknown)).toBe(false)
    expect(old.resigned).toHaveLength(1)
    await within(clock, exchange(session, { records: [record('r2')], position: 2 }))
    expect(broker.values('data')).toEqual(['r1', 'r2'])
    expect(leader.lines.filter(line => line.startsWith('warn'))).toHaveLength(1)
    expect(leadership.renewals).toBe(1)
    expect(leadership.resigned).toEqual([])
  })

  it('is fenced once by an initialisation of a zombie that the broker puts off', async () => {
    const [awake, again] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const zombie = member({
      request: ({ kind }) => (kind === 'init' ? awake.promise : undefined),
      putOff: () => again.promise,
    })
    const old = new TestLeadership(5n)
    const late = exchange(zombie.session({}, old), { records: [record('zombie')], position: 0 })
    const leader = member()
    const session = leader.session({}, new TestLeadership(6n))
    await within(clock, exchange(session, { records: [record('r1')], position: 1 }))
    const second = exchange(session, { records: [record('r2')], position: 2 })
    await clock.advance(5)
    expect(broker.hasOpen('app/ns/route')).toBe(true)
    awake.resolve()
    await within(clock, second)
    // The leader has come back, and is in the middle of a transaction once more.
    const third = exchange(session, { records: [record('r3')], position: 3 })
    await clock.advance(5)
    expect(broker.hasOpen('app/ns/route')).toBe(true)
    again.resolve()
    await within(clock, late)
    await within(clock, third)
    expect(old.resigned).toHaveLength(1)
    expect(leader.lines.filter(line => line.startsWith('warn'))).toHaveLength(1)
    expect(broker.values('data')).toEqual(['r1', 'r2', 'r3'])
  })

  it('waits for a fresh renewal before it initialises again', async () => {
    const leadership = new TestLeadership(1n)
    const session = member().session({}, leadership)
    await within(clock, session.opened())
    const renewal = Promise.withResolvers<boolean>()
    leadership.renewal = renewal.promise
    broker.init('app/ns/route')
    const sent = exchange(session, { records: [record('x')] })
    expect(await within(clock, sent, 5_000)).toBe('waits')
    expect(inits()).toBe(1)
    renewal.resolve(true)
    await within(clock, sent)
    expect(broker.values('data')).toEqual(['x'])
  })

  it('does not write again what was committed although the answer was lost', async () => {
    const faults: Partial<Faults> = {}
    const session = member(faults).session({}, new TestLeadership(1n))
    await within(clock, session.opened())
    let lost = 3
    faults.answer = ({ kind }) => {
      if (kind === 'commit' && lost-- > 0) throw new Error('reset')
    }
    for (let n = 1; n <= 5; n++) await within(clock, exchange(session, { records: [record(`r${n}`)], position: n }))
    expect(broker.values('data')).toEqual(['r1', 'r2', 'r3', 'r4', 'r5'])
    expect(lost).toBeLessThan(0)
  })

  it('goes on where it is when the topic of positions was deleted', async () => {
    const session = member().session({}, new TestLeadership(1n))
    await within(clock, exchange(session, { records: [record('r1')], position: 1 }))
    broker.deleteTopic('positions')
    // And it has to begin again, with nothing there.
    broker.init('app/ns/route')
    await within(clock, exchange(session, { records: [record('r2')] }))
    const next = member().session({}, new TestLeadership(2n))
    expect(await within(clock, next.opened())).toMatchObject({ position: 1 })
    expect(broker.values('data')).toEqual(['r1', 'r2'])
  })

  it('resigns when another session of its own term writes under its id', async () => {
    const first = new TestLeadership(1n)
    const session = member().session({}, first)
    await within(clock, session.opened())
    const second = member().session({}, new TestLeadership(1n))
    await within(clock, exchange(second, { records: [record('b')] }))
    await within(clock, exchange(session, { records: [record('a')] }))
    expect(first.resigned).toHaveLength(1)
    await within(clock, exchange(second, { records: [record('c')] }))
    expect(broker.values('data')).toEqual(['b', 'c'])
  })
})

describe('with a former name of the route', () => {
  const OLD = { transactionalId: 'app/ns/old' }
  const NEW = { transactionalId: 'app/ns/new', fences: ['app/ns/old'] }

  it('goes on where the former one was, and fences it', async () => {
    const before = member().session(OLD, new TestLeadership(5n))
    await within(clock, exchange(before, { records: [record('r1')], position: 1 }))
    const after = member().session(NEW, new TestLeadership(6n))
    expect(await within(clock, after.opened())).toMatchObject({ term: 6n, position: 1 })
    const zombie = exchange(before, { records: [record('zombie')], position: 2 })
    await within(clock, zombie)
    await within(clock, exchange(after, { records: [record('r2')], position: 2 }))
    expect(broker.values('data')).toEqual(['r1', 'r2'])
    expect(before.over?.code).toBe('DROMEDARY_NOT_LEADER')
  })

  it('turns a zombie of the former one away that wakes before its first initialisation', async () => {
    let wake = () => {}
    const asleep = new Promise<void>(resolve => {
      wake = resolve
    })
    const old = new TestLeadership(5n)
    const before = member({ request: ({ kind }) => (kind === 'init' ? asleep : undefined) }).session(OLD, old)
    const zombie = exchange(before, { records: [record('zombie')], position: 9 })
    const after = member().session(NEW, new TestLeadership(6n))
    await within(clock, exchange(after, { records: [record('r1')], position: 1 }))
    wake()
    await within(clock, zombie)
    expect(old.resigned).toHaveLength(1)
    expect(broker.values('data')).toEqual(['r1'])
  })

  it('gives the position back when the former version is rolled out again', async () => {
    const before = member().session(OLD, new TestLeadership(5n))
    await within(clock, exchange(before, { records: [record('r1')], position: 1 }))
    const after = member().session(NEW, new TestLeadership(6n))
    await within(clock, exchange(after, { records: [record('r2')], position: 2 }))
    const again = member().session({ ...OLD, fences: ['app/ns/new'] }, new TestLeadership(7n))
    expect(await within(clock, again.opened())).toMatchObject({ position: 2 })
  })
})

describe('outside a cluster', () => {
  it('finds the newest position, whichever name had it', async () => {
    for (const [at, own] of ['one', 'two', 'one', 'two'].entries()) {
      const session = member().session({ transactionalId: own, fences: ['one', 'two'] })
      expect(await within(clock, session.opened())).toMatchObject({ position: at === 0 ? undefined : at * 10 })
      for (let n = 1; n <= 10 - at; n++) {
        await within(clock, exchange(session, { position: n === 10 - at ? (at + 1) * 10 : n }))
      }
      session.end(new DromedaryError('DROMEDARY_NOT_ACCEPTING', 'stopped'))
    }
  })

  it('ends when another process begins under its transactional id, and does not shut that one out', async () => {
    const first = member()
    const one = first.session()
    await within(clock, exchange(one, { records: [record('a')], position: 1 }))
    const other = member().session()
    expect(await within(clock, other.opened())).toMatchObject({ position: 1 })
    for (let n = 2; n < 6; n++) {
      const late = exchange(one, { records: [record(`zombie ${n}`)], position: n }).catch(() => {})
      await within(clock, exchange(other, { records: [record(`b${n}`)], position: n }))
      await within(clock, late)
    }
    expect(broker.values('data')).toEqual(['a', 'b2', 'b3', 'b4', 'b5'])
    expect(isDromedaryError(one.over?.cause, 'DROMEDARY_FENCED')).toBe(true)
    expect(other.over).toBeUndefined()
    expect(first.lines.filter(line => line.startsWith('error'))).toHaveLength(1)
  })

  it('comes back after an outage', async () => {
    const session = member().session()
    await within(clock, exchange(session, { records: [record('a')] }))
    broker.isDown = true
    const waits = exchange(session, { records: [record('b')] })
    expect(await within(clock, waits, 5_000)).toBe('waits')
    broker.isDown = false
    await within(clock, waits)
    expect(broker.values('data')).toEqual(['a', 'b'])
  })
})

describe('an outage', () => {
  it('is said once when it begins and once when it ends', async () => {
    const leader = member()
    const session = leader.session({}, new TestLeadership(1n))
    await within(clock, session.opened())
    broker.isDown = true
    const waits = exchange(session, { records: [record('a')] })
    await clock.advance(20_000)
    broker.isDown = false
    await within(clock, waits)
    expect(leader.lines.map(line => line.split(' ')[0])).toEqual(['warn', 'info'])
  })

  it('ends with the leadership after giveUpAfter, and not before', async () => {
    const leader = member()
    const leadership = new TestLeadership(1n)
    const session = leader.session({ giveUpAfter: 10_000 }, leadership)
    await within(clock, session.opened())
    broker.isDown = true
    const lost = exchange(session, { records: [record('a')], position: 1 })
    expect(await within(clock, lost, 9_900)).toBe('waits')
    expect(await within(clock, lost, 10_000)).not.toBe('waits')
    expect(leadership.resigned).toHaveLength(1)
    expect((await lost).exception).toMatchObject({
      code: 'DROMEDARY_INTERRUPTED',
      cause: { code: 'DROMEDARY_KAFKA_UNREACHABLE' },
    })
  })

  it('gives up on time, however long a request takes', async () => {
    let isSilent = false
    const leader = member({ request: async () => void (isSilent && (await sleep(clock, 60_000))) })
    const leadership = new TestLeadership(1n)
    const session = leader.session({ giveUpAfter: 10_000 }, leadership)
    await within(clock, exchange(session, { records: [record('a')] }))
    // Time in which nothing is asked does not count.
    await clock.advance(60_000)
    isSilent = true
    const lost = exchange(session, { records: [record('b')] })
    expect(await within(clock, lost, 9_900)).toBe('waits')
    expect(await within(clock, lost, 1_000)).not.toBe('waits')
    expect(leadership.resigned).toHaveLength(1)
  })

  it('never ends the leadership with giveUpAfter=0', async () => {
    const leadership = new TestLeadership(1n)
    const session = member().session({ giveUpAfter: 0 }, leadership)
    await within(clock, session.opened())
    broker.isDown = true
    const waits = exchange(session, { records: [record('a')] })
    await clock.advance(3_600_000)
    expect(leadership.resigned).toEqual([])
    broker.isDown = false
    expect(await within(clock, waits)).not.toBe('waits')
  })

  it('is no busy loop', async () => {
    const client = broker.client({ request: async () => void (await sleep(clock, 1)) })
    let producers = 0
    const { producer } = client
    client.producer = id => {
      producers++
      return producer.call(client, id)
    }
    const session = new Workplace(clock, client, async () => broker.reader()).session({}, new TestLeadership(1n))
    await within(clock, session.opened())
    broker.isDown = true
    const waits = exchange(session, { records: [record('a')] })
    await clock.advance(25_000)
    expect(producers).toBeLessThan(20)
    broker.isDown = false
    await within(clock, waits)
    await settle()
  })
})
