import { sharedKafka } from '@dromedary/test-servers/kafka/vitest'
import { describe, expect, it } from 'vitest'
import type { Session } from '../src/session/session.ts'
import { gated } from './gated.ts'
import { exchange, member, randomOf, record, TestLeadership, transactionsOf, type Workplace } from './session-kit.ts'

const kafka = sharedKafka()

/** What a run writes: which run, which message, of which term. */
const line = (run: number, message: string, term: bigint) => `${run}|${message}|${term}`

interface Version {
  readonly transactionalId: string
  readonly fences?: readonly string[]
}

interface Scenario {
  readonly topic: string
  /** Of the zombie, and of the leader after it. */
  readonly ids: readonly [Version, Version]
  readonly positions: string
}

/** Sends messages one after the other from the position on that was kept when the session began. */
class Feed {
  readonly #session: Session
  readonly #write: (n: number) => ReturnType<typeof record>
  #sent: number | undefined

  constructor(session: Session, write: (n: number) => ReturnType<typeof record>) {
    this.#session = session
    this.#write = write
  }

  /** Resolves when all up to this one are committed. */
  async upTo(last: number): Promise<void> {
    this.#sent ??= Number((await this.#session.opened()).position ?? 0)
    const all = []
    while (this.#sent < last) {
      const n = ++this.#sent
      all.push(exchange(this.#session, { records: [this.#write(n)], position: BigInt(n) }))
    }
    await Promise.all(all)
  }
}

/**
 * A leader stops before its nth call of the client and believes on; another one takes over and works; then the first one
 * goes on from where it was. With `fails` a call of its own fails first, so that it stops while it recovers from that.
 */
async function stopped(run: number, at: number, fails: number | undefined, scenario: Scenario) {
  const { topic, positions } = scenario
  const random = randomOf(run)
  const wake = Promise.withResolvers<void>()
  const stop = Promise.withResolvers<void>()
  const zombiePlace = member(kafka.brokers, {
    wrap: inner =>
      gated(inner, (_, index) => {
        if (index === fails) throw new Error('something happened')
        if (index !== at) return
        stop.resolve()
        return wake.promise
      }),
  })
  const old = new TestLeadership(5n)
  const leadership = new TestLeadership(6n)
  const place = member(kafka.brokers)
  // Proof that it leads is not to be had any more, once another one does.
  let isDeposed = false
  const deposed = Promise.withResolvers<boolean>()
  old.renewed = () => (isDeposed ? deposed.promise : Promise.resolve(true))
  const interval = { transactionInterval: Math.floor(random() * 10) }
  const zombie = zombiePlace.session({ ...scenario.ids[0], ...interval, positions }, old)
  const its = new Feed(zombie, n => record(line(run, String(n), 5n), { topic }))
  const itsWork = (async () => {
    for (let to = 1; to <= 6; to++) await its.upTo(to)
  })().catch(() => {})
  await stop.promise
  isDeposed = true
  const session = place.session({ ...scenario.ids[1], ...interval, positions }, leadership)
  const feed = new Feed(session, n => record(line(run, String(n), 6n), { topic }))
  await feed.upTo(8)
  wake.resolve()
  // It tries to go on while the leader does.
  const theirs = exchangeQuietly(zombie, record(line(run, 'zombie', 5n), { topic }))
  await feed.upTo(10)
  await new Promise(resolve => setTimeout(resolve, random() * 30))
  await feed.upTo(12)
  old.end()
  deposed.resolve(false)
  await Promise.all([itsWork, theirs])
  await feed.upTo(13)
  expect(leadership.resigned).toEqual([])
  leadership.end()
  return place
}

/** The rightful leader was disturbed at most once. */
function expectDisturbedOnce({ lines }: Workplace): void {
  const warnings = lines.filter(one => one.startsWith('warn'))
  expect(warnings.slice(1), warnings.join('\n')).toEqual([])
}

async function exchangeQuietly(session: Session, sent: ReturnType<typeof record>): Promise<void> {
  try {
    await exchange(session, { records: [sent], position: 99n })
  } catch {
    // It has heard that it is over.
  }
}

/** Each run has 1 to 13 once, in order, with terms that never decrease; and there is nothing else. */
async function check(topic: string, runs: readonly number[]): Promise<void> {
  const last = transactionsOf(kafka.brokers).producer(kafka.name('last'))
  await last.begin()
  await last.send([record('last', { topic })])
  await last.commit()
  await last.close()
  const lines = await kafka.read(topic, { count: runs.length * 13 + 1 })
  expect(lines.pop()).toBe('last')
  const all = Map.groupBy(
    lines.map(one => one.split('|') as [string, string, string]),
    ([run]) => Number(run),
  )
  for (const run of runs) {
    const messages = all.get(run) ?? []
    const expected = Array.from({ length: 13 }, (_, n) => String(n + 1))
    expect(
      messages.map(([, message]) => message),
      `run ${run}`,
    ).toEqual(expected)
    const terms = messages.map(([, , term]) => Number(term))
    expect(terms).toEqual(terms.toSorted((one, other) => one - other))
  }
}

/** Several at a time: most of a run is waiting. */
async function each(runs: readonly number[], work: (run: number) => Promise<void>): Promise<void> {
  const left = [...runs]
  const worker = async () => {
    for (let run = left.shift(); run !== undefined; run = left.shift()) await work(run)
  }
  await Promise.all(Array.from({ length: 5 }, worker))
}

/** Calls of a session: 0 initialises, 1 and 2 send and commit its claim, and then three for each transaction. */
const PLACES = { 'before its first init': [0], 'between init and claim': [1, 2], 'inside a transaction': [4, 5, 7, 8] }

describe('a zombie leader', () => {
  it.each(Object.entries(PLACES))(
    'stopped %s changes nothing',
    async (_, places) => {
      const topic = await kafka.topic()
      const positions = kafka.name('positions')
      const runs = Array.from({ length: 20 }, (_, run) => run)
      await each(runs, async run => {
        const id = { transactionalId: kafka.name('zombie') }
        const place = await stopped(run, places[run % places.length] as number, undefined, {
          topic,
          positions,
          ids: [id, id],
        })
        expectDisturbedOnce(place)
      })
      await check(topic, runs)
    },
    60_000,
  )

  it('stopped during its recovery from an error changes nothing', async () => {
    const topic = await kafka.topic()
    const positions = kafka.name('positions')
    const runs = Array.from({ length: 20 }, (_, run) => run)
    await each(runs, async run => {
      const id = { transactionalId: kafka.name('zombie') }
      // The next call after the failure initialises again; those after that belong to the transaction that is written again.
      const fails = 4 + (run % 2)
      const place = await stopped(run, fails + 1 + (run % 3), fails, { topic, positions, ids: [id, id] })
      expectDisturbedOnce(place)
    })
    await check(topic, runs)
  }, 60_000)

  it('of a version before a rolling update, in which the route was renamed, changes nothing', async () => {
    const topic = await kafka.topic()
    const positions = kafka.name('positions')
    const runs = Array.from({ length: 24 }, (_, run) => run)
    await each(runs, async run => {
      const former = kafka.name('former')
      const ids = [{ transactionalId: former }, { transactionalId: kafka.name('later'), fences: [former] }] as const
      const fails = run % 2 === 0 ? undefined : 4
      const place = await stopped(run, fails === undefined ? (run / 2) % 6 : 5 + (run % 3), fails, {
        topic,
        positions,
        ids,
      })
      expectDisturbedOnce(place)
    })
    await check(topic, runs)
  }, 60_000)
})
