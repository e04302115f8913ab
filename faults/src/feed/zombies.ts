import type { Member } from '../launch.ts'
import { type FaultEvent, monotonic } from '../log/events.ts'
import type { Stage } from '../stage.ts'
import type { Scenario } from '../suite.ts'
import { audit } from './audit.ts'
import { FAILING } from './failures.ts'
import { arm, pausing } from './self-stops.ts'
import { PATIENCE_MS } from './settings.ts'
import { Site } from './site.ts'

/** Where a leader stops itself. A request that is about to be written reaches the broker as soon as it wakes. */
const IN_TRANSACTION = ['after data', 'request produce', 'request end', 'after commit of data']
const AT_THE_FENCE = ['request init', 'after init', 'before claim', 'after claim', 'before commit of claim']

/** Where it finds what it has written itself, it claims nothing anew. */
const IN_RECOVERY = ['request init', 'after init']

const placeOf = (places: readonly string[], round: number): string => places[round % places.length] ?? ''

/** Its lease expires and another one writes; it wakes up, and does what it was about to; the other one writes on. */
async function overtakeAndWake(site: Site, zombie: Member, mark: number): Promise<void> {
  const { stage } = site
  const next = await site.next(zombie, mark)
  await site.commit(mark, next.member)
  await site.pause(0, 500)
  const woken = stage.mark()
  const at = stage.continue(zombie)
  const knows = (event: FaultEvent) => event.kind === 'drained' && event.member === zombie.name && event.at >= at
  await stage.until(`${zombie.name} knows that it leads no more`, knows, PATIENCE_MS, woken)
  const after = stage.mark()
  const began = monotonic()
  const commit = await site.commit(after)
  stage.samples.push(commit.at - began)
}

/** Stops within a transaction. */
async function inTransaction(stage: Stage, rounds: readonly number[]): Promise<void> {
  const site = await Site.open(stage)
  await site.startAll(2)
  for (const round of rounds) {
    const { member } = await site.working()
    await site.pause(50, 300)
    const mark = stage.mark()
    await arm(stage, member, placeOf(IN_TRANSACTION, round))
    await pausing(stage, member, mark)
    await overtakeAndWake(site, member, mark)
  }
  await finish(site)
}

/** Stops between the grant and its first initialisation at the broker, or around the requests that follow it. */
async function beforeFirstInit(stage: Stage, rounds: readonly number[]): Promise<void> {
  const site = await Site.open(stage)
  await site.startAll(2)
  for (const round of rounds) {
    const { member: leader } = await site.working()
    const [heir] = site.running.filter(member => member !== leader)
    if (!heir) throw new Error('nobody follows')
    await arm(stage, heir, placeOf(AT_THE_FENCE, round))
    const mark = stage.mark()
    stage.kill(leader)
    await pausing(stage, heir, mark)
    // Only now: it is to be the heir who leads.
    await site.start()
    await overtakeAndWake(site, heir, mark)
  }
  await finish(site)
}

/** A request fails, before or after the broker has done what it asks for; it stops around those by which it recovers. */
async function inRecovery(stage: Stage, rounds: readonly number[]): Promise<void> {
  const site = await Site.open(stage)
  await site.startAll(2)
  for (const round of rounds) {
    const { member } = await site.working()
    const mark = stage.mark()
    stage.tell(member, { do: 'fail', at: placeOf(FAILING, round) })
    await arm(stage, member, placeOf(IN_RECOVERY, round))
    await pausing(stage, member, mark)
    await overtakeAndWake(site, member, mark)
  }
  await finish(site)
}

async function finish(site: Site): Promise<void> {
  await site.working()
  const fenced = site.stage.members.flatMap(member => member.process.lines.matching('another producer of this id'))
  site.stage.figures.push(`${fenced.length} times a leader was shut out and came back`)
  await audit(site, { gaps: false, connectionsMayOverlap: true })
}

const zombie = (name: string, about: string, play: Scenario['play']): Scenario => ({
  name: `zombie-${name}`,
  about: `${about} Its lease expires, another one leads and writes, it wakes. Times: from its finding out to the next commit.`,
  rounds: { full: 20, quick: 1 },
  lanes: 2,
  bounds: { max: 10_000 },
  play,
})

/** Leaders that stop themselves at the worst of moments, and wake up when another one leads. */
export const zombies: readonly Scenario[] = [
  zombie('in-transaction', 'The leader stops while a transaction is open.', inTransaction),
  zombie(
    'before-init',
    'A leader stops between its grant and its first initialisation, or just after it.',
    beforeFirstInit,
  ),
  zombie('in-recovery', 'The leader stops around the initialisation by which it recovers from an error.', inRecovery),
]
