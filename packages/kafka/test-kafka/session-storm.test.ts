import { setTimeout as wait } from 'node:timers/promises'
import { systemClock } from '@dromedary/core'
import { sharedKafka } from '@dromedary/test-servers/kafka/vitest'
import { expect, it } from 'vitest'
import { gated } from './gated.ts'
import {
  Election,
  expected,
  type FeedOptions,
  member,
  randomOf,
  run,
  type TestLeadership,
  transactionsOf,
} from './session-kit.ts'

const kafka = sharedKafka()

/** Leaderships come and go by a script that one number makes; some of those that were deposed believe on for a while. */
async function storm(seed: number, topics: FeedOptions['topics']) {
  const random = randomOf(seed)
  const feed: FeedOptions = {
    clock: systemClock,
    random,
    length: 150,
    inFlight: 1 + Math.floor(random() * 20),
    workMs: 20,
    prefix: `${seed}:`,
    topics,
  }
  const election = new Election(systemClock, random, 50)
  let isCalm = false
  // Some calls never reach the broker, and of some the answer is lost; all take their time.
  const late = async () => {
    if (isCalm) return
    await wait(random() < 0.05 ? random() * 500 : random() * 5)
    if (random() < 0.03) throw new Error('lost')
  }
  const members = Array.from({ length: 3 }, () => member(kafka.brokers, { wrap: inner => gated(inner, late) }))
  const positions = kafka.name('positions')
  const names = [kafka.name('one'), kafka.name('two')] as const
  const runs: Promise<void>[] = []
  const zombies: TestLeadership[] = []
  let leader: TestLeadership | undefined
  const wrong: string[] = []
  for (let turn = 0; turn < 7; turn++) {
    const before = leader
    leader = election.grant()
    if (before) {
      if (before.resigned.length > 0) wrong.push(`a leader resigned: ${before.resigned[0]}`)
      const chance = random()
      if (chance < 0.3) before.end()
      else if (chance < 0.6) setTimeout(() => before.end(), random() * 500)
      else zombies.push(before)
    }
    // Two versions in a rolling update, back and forth.
    const [own, other] = random() < 0.5 ? names : [names[1], names[0]]
    const place = members[Math.floor(random() * members.length)] as (typeof members)[number]
    const ids = { transactionalId: own, fences: [other] }
    const session = place.session({ ...ids, positions, transactionInterval: random() * 30, giveUpAfter: 0 }, leader)
    runs.push(run(session, leader.term, feed))
    await wait(random() * 800)
  }
  isCalm = true
  for (const zombie of zombies) zombie.end()
  await Promise.all(runs)
  if (leader?.resigned.length) wrong.push(`the last leader resigned: ${leader.resigned[0]}`)
  return { wrong, expected: expected(feed) }
}

it('nothing is lost, doubled or out of order, whoever leads and whoever believes to', async () => {
  const [one, two] = await Promise.all([kafka.topic({ partitions: 2 }), kafka.topic()])
  const places = [
    { topic: one, partition: 0 },
    { topic: one, partition: 1 },
    { topic: two, partition: 0 },
  ]
  const storms = await Promise.all([11, 12, 13, 14, 15, 16].map(seed => storm(seed, places)))
  for (const { wrong } of storms) expect(wrong).toEqual([])
  for (const place of places) {
    const end = transactionsOf(kafka.brokers).producer(kafka.name('end'))
    await end.begin()
    await end.send([{ ...place, value: Buffer.from('end:') }])
    await end.commit()
    await end.close()
    const wanted = storms.map(({ expected }) => expected.get(`${place.topic}:${place.partition}`) ?? [])
    const read = await kafka.read(place.topic, { partition: place.partition, count: wanted.flat().length + 1 })
    expect(read.pop()).toBe('end:')
    const found = Map.groupBy(read, value => value.split(':')[0])
    expect([...found.values()].sort(bySeed)).toEqual(wanted)
  }
}, 100_000)

const bySeed = ([one = '']: readonly string[], [other = '']: readonly string[]) =>
  Number.parseInt(one, 10) - Number.parseInt(other, 10)
