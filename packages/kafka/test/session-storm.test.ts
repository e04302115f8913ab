import { sleep } from '@dromedary/core/component'
import { FakeClock } from '@dromedary/testing'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Election, randomOf } from './support/election.ts'
import { expected, type FeedOptions, run } from './support/feed.ts'
import { type Faults, ModelBroker } from './support/model-broker.ts'
import type { TestLeadership } from './support/test-leadership.ts'
import { Workplace } from './support/workplace.ts'

const FEED = 120

/** Members that come and go, zombies, lost requests and answers, a broker that is away: all by one number. */
async function storm(seed: number) {
  const random = randomOf(seed)
  const clock = new FakeClock()
  const broker = new ModelBroker()
  broker.createTopic('a', 2)
  broker.createTopic('b', 1)
  broker.createTopic('positions', 3)
  const feed: FeedOptions = {
    clock,
    random,
    length: FEED,
    inFlight: 1 + Math.floor(random() * 20),
    workMs: random() * 50,
    topics: [
      { topic: 'a', partition: 0 },
      { topic: 'a', partition: 1 },
      { topic: 'b', partition: 0 },
    ],
  }
  const election = new Election(clock, random, 200)
  let isCalm = false
  const lossRate = random() * 0.1
  const slowness = random() * 40
  const onTheWay = async () => {
    await sleep(clock, random() < 0.02 && !isCalm ? random() * 2_000 : random() * slowness)
    if (!isCalm && random() < lossRate) throw new Error('lost')
  }
  const faults: Faults = { request: onTheWay, answer: onTheWay, putOff: onTheWay }
  const client = () => new Workplace(clock, broker.client(faults), async () => broker.reader())
  const members = [client(), client(), client()]
  const wrong: string[] = []
  const runs: Promise<void>[] = []
  const zombies: TestLeadership[] = []
  let leader: TestLeadership | undefined
  const transactionInterval = random() < 0.3 ? 0 : random() * 100
  const names = ['app/ns/one', 'app/ns/two']
  const change = () => {
    const before = leader
    const next = election.grant()
    leader = next
    if (before) {
      // It is told now, soon, or only when the storm is over.
      const chance = random()
      if (chance < 0.3) before.end()
      else if (chance < 0.6) clock.setTimeout(() => before.end(), random() * 1_500)
      else zombies.push(before)
    }
    const place = members[Math.floor(random() * members.length)] as Workplace
    const which = random() < 0.5 ? 0 : 1
    const ids = { transactionalId: names[which] as string, fences: [names[1 - which] as string] }
    const session = place.session({ ...ids, transactionInterval, giveUpAfter: 0 }, next)
    runs.push(run(session, next.term, feed))
  }
  for (let turn = 0; turn < 8; turn++) {
    change()
    if (random() < 0.2) {
      broker.isDown = true
      await clock.advance(random() * 1_000)
      broker.isDown = false
    }
    await clock.advance(random() * 1_500)
    if (random() < 0.3) for (let at = 0; at < 3; at++) broker.compact('positions', at)
    if (leader && leader.resigned.length > 0) wrong.push(`the leader resigned: ${leader.resigned[0]}`)
  }
  isCalm = true
  for (const zombie of zombies) zombie.end()
  const all = Promise.all(runs)
  let isDone = false
  void all.then(() => {
    isDone = true
  })
  for (let gone = 0; gone < 120_000 && !isDone; gone += 500) await clock.advance(500)
  if (!isDone) wrong.push('it does not come to an end')
  if (leader && leader.resigned.length > 0) wrong.push(`the leader resigned: ${leader.resigned[0]}`)
  const values = new Map(
    [...expected(feed).keys()].map(key => [key, placeOf(broker, key).map(one => String(one.value))]),
  )
  const terms = [...values.keys()].map(key => placeOf(broker, key).map(one => Number(String(one.headers?.[0]?.[1]))))
  return { values, terms, wrong, expected: expected(feed) }
}

function placeOf(broker: ModelBroker, key: string) {
  const [topic = '', partition] = key.split(':')
  return broker.committed(topic, Number(partition))
}

it('nothing is lost, doubled or out of order, whatever the weather', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), async seed => {
      const outcome = await storm(seed)
      expect(outcome.wrong).toEqual([])
      expect(outcome.values).toEqual(outcome.expected)
      for (const terms of outcome.terms) expect(terms).toEqual(terms.toSorted((one, other) => one - other))
    }),
    { numRuns: 60 },
  )
}, 60_000)
