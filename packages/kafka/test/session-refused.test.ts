import { FakeClock } from '@dromedary/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import { ModelBroker } from './support/model-broker.ts'
import { TestLeadership } from './support/test-leadership.ts'
import { within } from './support/within.ts'
import { exchange, record, Workplace } from './support/workplace.ts'

const clock = new FakeClock()
let broker: ModelBroker
let place: Workplace

beforeEach(() => {
  broker = new ModelBroker()
  broker.createTopic('data', 1)
  broker.createTopic('positions', 4)
  broker.refuses = ({ value }) => String(value).startsWith('bad')
  place = new Workplace(clock, broker.client(), async () => broker.reader())
})

describe('a record that the broker refuses for ever', () => {
  it.each([0, 1, 17, 98, 99])('fails its own exchange and no other (at %i of 100)', async culprit => {
    const leadership = new TestLeadership(1n)
    const session = place.session({ transactionInterval: 100 }, leadership)
    const names = Array.from({ length: 100 }, (_, at) => (at === culprit ? `bad${at}` : `r${at}`))
    const all = names.map((name, position) =>
      exchange(session, { records: [record(`${name}`), record(`${name}'`)], position, failures: 'pass' }),
    )
    const ended = await within(clock, Promise.all(all))
    if (ended === 'waits') throw new Error('they wait')
    expect(ended.flatMap((one, at) => (one.failed ? [at] : []))).toEqual([culprit])
    expect(ended[culprit]?.exception).toMatchObject({ code: 'DROMEDARY_KAFKA_SEND' })
    const good = names.filter(name => !name.startsWith('bad')).flatMap(name => [name, `${name}'`])
    expect(broker.values('data')).toEqual(good)
    expect(place.lines.map(line => line.split(' ')[0])).toEqual(['error'])
    expect(leadership.renewals).toBe(0)
    const next = place.session({}, new TestLeadership(2n))
    expect(await within(clock, next.opened())).toMatchObject({ position: 99 })
  })

  it('makes the leader resign with failures=stop, after what came before it', async () => {
    const leadership = new TestLeadership(1n)
    const session = place.session({}, leadership)
    const all = ['r0', 'r1', 'bad', 'r3'].map((name, position) =>
      exchange(session, { records: [record(name)], position }),
    )
    const ended = await within(clock, Promise.all(all))
    if (ended === 'waits') throw new Error('they wait')
    expect(ended.map(one => one.failed)).toEqual([false, false, true, true])
    expect(ended[2]?.exception).toMatchObject({
      code: 'DROMEDARY_INTERRUPTED',
      cause: { code: 'DROMEDARY_KAFKA_SEND' },
    })
    expect(leadership.resigned).toHaveLength(1)
    expect(broker.values('data')).toEqual(['r0', 'r1'])
    const next = place.session({}, new TestLeadership(2n))
    expect(await within(clock, next.opened())).toMatchObject({ position: 1 })
  })

  it('fails its exchange when that has no position', async () => {
    const session = place.session({}, new TestLeadership(1n))
    const [good, bad] = await Promise.all([
      within(clock, exchange(session, { records: [record('r1')] })),
      exchange(session, { records: [record('r2'), record('bad')] }),
    ])
    expect(good === 'waits' || good.failed).toBe(false)
    expect(bad.failed).toBe(true)
    await within(clock, exchange(session, { records: [record('r3')] }))
    expect(broker.values('data')).toEqual(['r1', 'r3'])
  })

  it('blames nobody where only many together are too large', async () => {
    broker.maxBatchBytes = 1_500
    const session = place.session({}, new TestLeadership(1n))
    const value = 'x'.repeat(1_000)
    const one = await within(clock, exchange(session, { records: Array.from({ length: 10 }, () => record(value)) }))
    const all = await within(
      clock,
      Promise.all(Array.from({ length: 20 }, () => exchange(session, { records: [record(value)] }))),
    )
    expect([one, all].flat().every(each => each !== 'waits' && !each.failed)).toBe(true)
    expect(broker.values('data')).toHaveLength(30)
  })

  it('blames no exchange when it is the position that is refused', async () => {
    broker.refuses = ({ topic, value }) => topic === 'positions' && String(value).includes('"batch":1')
    const leadership = new TestLeadership(1n)
    const session = place.session({ giveUpAfter: 5_000 }, leadership)
    const sent = exchange(session, { records: [record('r1')], position: 1, failures: 'pass' })
    expect(await within(clock, sent, 4_000)).toBe('waits')
    expect(await within(clock, sent)).not.toBe('waits')
    expect((await sent).exception).toMatchObject({ code: 'DROMEDARY_INTERRUPTED' })
    expect(leadership.resigned).toHaveLength(1)
    expect(broker.values('data')).toEqual([])
  })
})
