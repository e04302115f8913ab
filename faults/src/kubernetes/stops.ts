import type { Stage } from '../stage.ts'
import type { Scenario } from '../suite.ts'
import { undisturbed } from './disturbed.ts'
import { DEFAULTS, expiryBound, SHORT } from './settings.ts'
import { Site, type SiteMember } from './site.ts'

/** Freezes the leader until another leads, wakes it, and watches the old one for a while. */
async function freezeLeaders(stage: Stage, rounds: readonly number[], options: SiteMember = {}): Promise<void> {
  const site = await Site.open(stage, { timing: stage.quick ? SHORT : DEFAULTS })
  await site.startAll(2, options)
  for (const _ of rounds) {
    await undisturbed(stage, async () => {
      const leader = await site.betweenRenewals()
      const mark = stage.mark()
      stage.stop(leader.member)
      const sent = site.lastRenewal(leader.member)
      const next = await site.next(leader.member, mark)
      stage.samples.push(next.at - sent)
      await stage.pause(200 * stage.random())
      stage.continue(leader.member)
      await site.mustStay(next, 1.5 * site.timing.retryPeriod)
    })
  }
}

/** Leaders that stand still, past their lease. Measured from their last renewal. */
export const stops: readonly Scenario[] = [
  {
    name: 'sigstop',
    about: 'The leader is frozen by SIGSTOP and wakes when another leads: it never sends again in its old term.',
    rounds: { full: 12, quick: 2 },
    lanes: 4,
    bounds: { max: expiryBound(DEFAULTS) },
    play: (stage, rounds) => freezeLeaders(stage, rounds),
  },
  {
    name: 'sigstop-route',
    about: 'The same with master: routes.',
    rounds: { full: 12, quick: 2 },
    lanes: 4,
    bounds: { max: expiryBound(DEFAULTS) },
    play: (stage, rounds) => freezeLeaders(stage, rounds, { mode: 'route' }),
  },
]
