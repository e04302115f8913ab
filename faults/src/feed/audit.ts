import { FeedCheck, recordOf, type Verdict } from 'feed-to-kafka/check'
import type { Millis } from '../log/events.ts'
import { PARTITIONS, type Site } from './site.ts'
import { readCommitted } from './topic.ts'

/** Records of one leader that follow each other in the partition that is watched. */
interface Stretch {
  readonly term: bigint
  readonly first: number
  last: number
}

export interface AuditOptions {
  /** What the feed has sent and nobody could ask for again is not there. Default false. */
  readonly lossIsExpected?: boolean
  /** The connection of a member that is frozen stays open while another one leads. Default false. */
  readonly connectionsMayOverlap?: boolean
  /** Takes the gaps between leaders for the times of the scenario. Default true. */
  readonly gaps?: boolean
}

/**
 * The feed ends; then everything that it had must be in the topic, once and in order, and the terms of those who wrote it
 * never go back. Says what is not so, and how long nothing new could be seen from leader to leader.
 */
export async function audit(site: Site, options: AuditOptions = {}): Promise<Verdict> {
  const { stage, broker, topic, deadLetters, feed } = site
  const last = await site.settled()
  const check = new FeedCheck()
  const stretches: Stretch[] = []
  await readCommitted(broker, topic, PARTITIONS, line => {
    const record = recordOf(line)
    check.add(record)
    if (record.partition === 0) extend(stretches, record.term ?? 0n, record.offset)
  })
  await readCommitted(broker, deadLetters, 1, ({ value }) => check.addDeadLetter({ line: value }))
  const verdict = check.verdict({ first: 1, last })
  tell(site, verdict, options)
  const { overlaps } = feed.stats
  if (overlaps > 0 && !options.connectionsMayOverlap)
    stage.faults.push(`${overlaps} times two members read the feed at once`)
  if (options.gaps ?? true) stage.samples.push(...gapsBetween(stretches, offset => site.visibility.seenAt(offset)))
  return verdict
}

function extend(stretches: Stretch[], term: bigint, offset: number): void {
  const current = stretches.at(-1)
  if (current?.term === term) current.last = offset
  else stretches.push({ term, first: offset, last: offset })
}

/** From the moment at which the last record of a leader could be seen to that of the first one of the next leader. */
function gapsBetween(stretches: readonly Stretch[], seenAt: (offset: number) => Millis | undefined): Millis[] {
  return stretches.slice(1).flatMap((stretch, index) => {
    const before = seenAt(stretches[index]?.last ?? 0)
    const after = seenAt(stretch.first)
    return before === undefined || after === undefined ? [] : [after - before]
  })
}

function tell({ stage, rate }: Site, verdict: Verdict, { lossIsExpected = false }: AuditOptions): void {
  const { missing, repeats, repeated, records, deadLetters, terms } = verdict
  const lost = missing.reduce((sum, { first, last }) => sum + last - first + 1, 0)
  stage.count('lost', lossIsExpected ? 0 : lost)
  stage.count('duplicated', repeats)
  const say = (count: number, what: string) => {
    if (count > 0) stage.faults.push(what)
  }
  const ranges = missing.slice(0, 5).map(({ first, last }) => `${first}-${last}`)
  if (!lossIsExpected) say(lost, `${lost} messages are missing: ${ranges.join(', ')}`)
  say(repeats, `${repeats} messages are there again: ${repeated.slice(0, 5).join(', ')}`)
  say(verdict.disorders, `${verdict.disorders} records are out of order: ${verdict.disordered.slice(0, 2).join(', ')}`)
  say(verdict.scattered.length, `keys are in several partitions: ${verdict.scattered.slice(0, 5).join(', ')}`)
  say(
    verdict.falls,
    `${verdict.falls} records came after those of a later term: ${verdict.fallen.slice(0, 2).join(', ')}`,
  )
  say(verdict.withoutTerm, `${verdict.withoutTerm} records do not say whose term they are of`)
  if (records === 0) stage.faults.push('nothing is in the topic')
  const dead = deadLetters > 0 ? ` and ${deadLetters} dead letters` : ''
  stage.figures.push(`${rate} messages/s: ${records} records${dead} by ${terms.length} leaders`)
}
