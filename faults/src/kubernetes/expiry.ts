import type { Stage } from '../stage.ts'
import type { Scenario } from '../suite.ts'
import { blindBound, DEFAULTS, expiryBound, SHORT, type Timing } from './settings.ts'
import { Site } from './site.ts'

/** Kills leaders of which nobody says anything; `blind`: the watches of the others have been silent for a while. */
async function killQuietly(stage: Stage, rounds: readonly number[], timing: Timing, blind = false): Promise<void> {
  const site = await Site.open(stage, { timing })
  await site.startAll(2)
  for (const _ of rounds) {
    await site.leader()
    // A member that has just come up follows nobody yet: to its first look at the Lease belongs no earlier renewal.
    await site.allKnowLeader()
    const proxies = site.running.map(member => site.placeOf(member).proxy)
    if (blind) for (const proxy of proxies) proxy.silenceWatches(true)
    if (blind) await stage.pause(3 * timing.retryPeriod * stage.random())
    const leader = await site.betweenRenewals()
    const mark = stage.mark()
    stage.kill(leader.member)
    const sent = site.lastRenewal(leader.member)
    const next = await site.next(leader.member, mark)
    if (next.at < sent + timing.leaseDuration) throw new Error('a lease was taken before it had expired')
    stage.samples.push(next.at - sent)
    for (const proxy of proxies) proxy.silenceWatches(false)
    await site.start()
  }
}

/** Leaders that die, and of which nobody says anything. Measured from their last renewal. */
export const expiry: readonly Scenario[] = [
  {
    name: 'sigkill-ready',
    about: 'The leader gets SIGKILL, and its pod stays Ready: it is followed when its lease has expired.',
    rounds: { full: 15, quick: 1 },
    lanes: 5,
    bounds: { max: expiryBound(DEFAULTS) },
    play: (stage, rounds) => killQuietly(stage, rounds, DEFAULTS),
  },
  {
    name: 'sigkill-ready-no-watch',
    about: 'The same, while the watches of the followers are open and silent.',
    rounds: { full: 10, quick: 1 },
    lanes: 5,
    bounds: { max: blindBound(DEFAULTS) },
    play: (stage, rounds) => killQuietly(stage, rounds, DEFAULTS, true),
  },
  {
    name: 'sigkill-short',
    about:
      'A leader with lease-duration 3 s, renew-deadline 2 s and retry-period 0.5 s gets SIGKILL, its pod stays Ready.',
    rounds: { full: 15, quick: 2 },
    lanes: 3,
    bounds: { max: 4_000 },
    play: (stage, rounds) => killQuietly(stage, rounds, SHORT),
  },
]
