import type { Leader, Stage } from '../stage.ts'
import type { Scenario } from '../suite.ts'
import { DEFAULTS, PATIENCE_MS, type Timing } from './settings.ts'
import { Site } from './site.ts'

/** A retry period and two requests that time out, a third of the deadline each, must fit into the deadline on a busy machine, too. */
const QUICK: Timing = { leaseDuration: 6_000, renewDeadline: 4_000, retryPeriod: 500 }

/** Waits for the next renewal of a leader. */
async function renewed(stage: Stage, { member }: Leader): Promise<void> {
  const fits = (event: { kind: string; member: string }) => event.kind === 'lease' && event.member === member.name
  await stage.until(`${member.name} renews`, fits, PATIENCE_MS, stage.mark())
}

/** Carries renewals out, and loses the answers: the leader must recognise its own writing. */
async function loseAnswers(stage: Stage, rounds: readonly number[]): Promise<void> {
  const site = await Site.open(stage, { timing: stage.quick ? QUICK : DEFAULTS })
  await site.startAll(2)
  const leader = await site.leader()
  const { proxy } = site.placeOf(leader.member)
  for (const round of rounds) {
    await renewed(stage, leader)
    // Every other time also the answer to the read that follows.
    const count = 1 + (round % 2)
    const lost = proxy.lost
    proxy.loseAnswers(count === 1 ? { method: 'PUT', path: '/leases/' } : { path: '/leases/', count })
    const end = performance.now() + PATIENCE_MS
    while (proxy.lost < lost + count && performance.now() < end) await stage.pause(10)
    if (proxy.lost < lost + count) throw new Error('no answer was lost')
    await renewed(stage, leader)
    const now = await site.leader()
    if (now.term !== leader.term) throw new Error(`a lost answer cost the leader its term: ${now.term}`)
  }
  await site.mustStay(leader, site.timing.retryPeriod)
}

/** Answers that never arrive. */
export const answers: readonly Scenario[] = [
  {
    name: 'lost-answer',
    about: 'The answer to a renewal that was stored is lost: the same term goes on.',
    rounds: { full: 10, quick: 3 },
    bounds: {},
    play: loseAnswers,
  },
]
