import { type Clock, sleep } from '@dromedary/core/component'
import type { KafkaRecord } from '../../src/client/port.ts'
import type { Session } from '../../src/session/session.ts'
import { endOf, newExchange, work } from './workplace.ts'

/** A source that can be replayed: message `n` has position `n`, and its exchange sends what {@link recordsOf} says. */
export interface FeedOptions {
  readonly clock: Clock
  readonly random: () => number
  readonly length: number
  /** Most exchanges at a time. */
  readonly inFlight: number
  /** Longest time that the steps of an exchange take. */
  readonly workMs: number
  /** Before each value. Default none. */
  readonly prefix?: string
  readonly topics: readonly { readonly topic: string; readonly partition: number }[]
}

/** Every 13th exchange fails, and is passed over. */
export const failsAlways = (n: number): boolean => n % 13 === 12

/** None for some, several for others, one place for each. */
export function recordsOf(n: number, term: bigint, { topics, prefix = '' }: FeedOptions): KafkaRecord[] {
  const place = topics[n % topics.length] as FeedOptions['topics'][number]
  return Array.from({ length: n % 7 === 6 ? 0 : 1 + (n % 3) }, (_, at) => ({
    ...place,
    value: Buffer.from(`${prefix}${n}.${at}`),
    headers: [['DromedaryClusterTerm', Buffer.from(String(term))] as const],
  }))
}

/** Runs what follows the position that was kept, until the end of the feed or of the session. */
export async function run(session: Session, term: bigint, options: FeedOptions): Promise<void> {
  const { clock, random, length, inFlight, workMs } = options
  const opened = await session.opened().catch(() => undefined)
  if (opened === undefined) return
  const under = new Set<Promise<void>>()
  for (let n = opened.position === undefined ? 0 : Number(opened.position) + 1; n < length; n++) {
    if (session.over) break
    const one = runOne(session, n, term, options)
    const ended = one.finally(() => under.delete(ended))
    under.add(ended)
    if (under.size >= inFlight) await Promise.race(under)
    if (random() < 0.2) await sleep(clock, random() * workMs)
  }
  await Promise.all(under)
}

async function runOne(session: Session, n: number, term: bigint, options: FeedOptions): Promise<void> {
  const { clock, random, workMs } = options
  const exchange = newExchange()
  try {
    work(session, exchange, { position: BigInt(n), failures: 'pass' })
    const records = recordsOf(n, term, options)
    for (const record of records) {
      if (random() < 0.3) await sleep(clock, random() * workMs)
      // Some go by way of a copy, as those of a split do.
      work(session, random() < 0.5 ? exchange.copy() : exchange, { records: [record] })
    }
    if (random() < 0.3) await sleep(clock, random() * workMs)
    if (failsAlways(n)) exchange.fail(new Error('as always'))
  } catch (error) {
    exchange.fail(error)
  }
  await endOf(exchange)
}

/** What is there in each place when everything was committed once and in order; the term of each does not matter. */
export function expected(options: FeedOptions): Map<string, string[]> {
  const all = new Map<string, string[]>()
  for (const { topic, partition } of options.topics) all.set(`${topic}:${partition}`, [])
  for (let n = 0; n < options.length; n++) {
    if (failsAlways(n)) continue
    for (const { topic, partition, value } of recordsOf(n, 0n, options)) {
      all.get(`${topic}:${partition}`)?.push(String(value))
    }
  }
  return all
}
