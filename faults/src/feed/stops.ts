import type { Stage } from '../stage.ts'
import type { Scenario } from '../suite.ts'
import { audit } from './audit.ts'
import { EXPIRY_BOUND_MS, STALE_MS } from './settings.ts'
import { Site } from './site.ts'

/** Freezes the leader past its lease, or for less, and wakes it when another has written; or when none had to. */
async function freezeLeaders(stage: Stage, rounds: readonly number[]): Promise<void> {
  const site = await Site.open(stage)
  await site.startAll(2)
  for (const _ of rounds) {
    const { member } = await site.working()
    await site.pause(100, 400)
    const mark = stage.mark()
    const at = stage.stop(member)
    const next = await site.next(member, mark)
    stage.samples.push(next.at - at)
    await site.commit(mark, next.member)
    await site.pause(0, 1_000)
    stage.continue(member)
  }
  await site.pause(500, 1_000)
  await site.working()
  await audit(site, { gaps: false, connectionsMayOverlap: true })
}

/** Shorter than the lease: the leader goes on, or has lost its term; either way nothing is lost or doubled. */
async function freezeShortly(stage: Stage, rounds: readonly number[]): Promise<void> {
  const site = await Site.open(stage)
  await site.startAll(2)
  for (const _ of rounds) {
    const { member } = await site.working()
    stage.stop(member)
    await site.pause(0.2 * STALE_MS, 1.1 * STALE_MS)
    stage.continue(member)
    await site.pause(100, 600)
  }
  await site.working()
  await audit(site, { gaps: false, connectionsMayOverlap: true })
}

/** SIGSTOP and SIGCONT. */
export const stops: readonly Scenario[] = [
  {
    name: 'sigstop',
    about: 'The leader is frozen past its lease, and wakes when its successor has written. Times: to the next leader.',
    rounds: { full: 20, quick: 1 },
    bounds: { max: EXPIRY_BOUND_MS },
    play: freezeLeaders,
  },
  {
    name: 'sigstop-short',
    about: 'The leader is frozen for a time around its lease, shorter or longer.',
    rounds: { full: 15, quick: 0 },
    bounds: {},
    play: freezeShortly,
  },
]
