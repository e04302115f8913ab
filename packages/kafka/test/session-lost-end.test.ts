import { FakeClock } from '@dromedary/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import { ModelBroker, type Operation } from './support/model-broker.ts'
import { TestLeadership } from './support/test-leadership.ts'
import { within } from './support/within.ts'
import { exchange, record, Workplace } from './support/workplace.ts'

const ID = 'app/ns/route'
const clock = new FakeClock()
let broker: ModelBroker

beforeEach(() => {
  broker = new ModelBroker()
  broker.createTopic('data', 1)
  broker.createTopic('positions', 1)
})

const place = (client = broker.client()) => new Workplace(clock, client, async () => broker.reader())

/** Commits `a`, and is gone before it commits `b`; the brokers forget the end of that on some topics. */
async function predecessor(...lost: readonly string[]): Promise<void> {
  const isLast = ({ kind, records }: Operation) => kind === 'send' && records.some(({ value }) => String(value) === 'b')
  const client = broker.client({ answer: operation => (isLast(operation) ? new Promise(() => {}) : undefined) })
  const session = place(client).session({}, new TestLeadership(1n))
  await within(clock, exchange(session, { records: [record('a')], position: 1 }))
  void exchange(session, { records: [record('b')], position: 2 })
  await clock.advance(1_000)
  for (const topic of lost) broker.loseEnd(ID, topic)
}

describe('where the brokers have lost the end of the last transaction of its predecessor', () => {
  it('a session writes nothing, and goes on from the position that was committed once it is ended', async () => {
    await predecessor('data')
    const next = place()
    const session = next.session({ giveUpAfter: 0 }, new TestLeadership(2n))
    expect(await within(clock, session.opened())).toMatchObject({ position: 1 })
    const again = exchange(session, { records: [record('b')], position: 2 })
    expect(await within(clock, again, 30_000)).toBe('waits')
    expect(next.lines).toEqual([expect.stringMatching('warn .*something is open on data')])
    expect(broker.operations.filter(({ records }) => records.some(({ value }) => String(value) === 'b'))).toHaveLength(
      1,
    )
    broker.abortLost('data')
    expect(await within(clock, again)).toMatchObject({ exception: undefined })
    expect(broker.values('data')).toEqual(['a', 'b'])
  })

  it('on the positions as well, it doubles nothing whichever is ended first', async () => {
    await predecessor('data', 'positions')
    const session = place().session({ giveUpAfter: 0 }, new TestLeadership(2n))
    const again = exchange(session, { records: [record('b')], position: 2 })
    for (const topic of ['positions', 'data']) {
      expect(await within(clock, again, 20_000)).toBe('waits')
      broker.abortLost(topic)
    }
    expect(await within(clock, again)).toMatchObject({ exception: undefined })
    expect(broker.values('data')).toEqual(['a', 'b'])
  })

  it('one whose user may not ask commits that, too', async () => {
    await predecessor('data')
    const client = broker.client()
    client.asks = false
    const session = place(client).session({}, new TestLeadership(2n))
    await within(clock, exchange(session, { records: [record('b')], position: 2 }))
    expect(broker.values('data')).toEqual(['a', 'b', 'b'])
  })
})
