import { monotonic } from '../log/events.ts'
import type { Stage } from '../stage.ts'
import type { Scenario } from '../suite.ts'
import { audit } from './audit.ts'
import { GIVE_UP_MS } from './settings.ts'
import { Site } from './site.ts'

type Cut = 'refuse' | 'blackHole'

/** Cuts the leader off from the broker, which its fellow reaches. It is the leader still: nobody else sees its lease end. */
async function cutShortly(stage: Stage, rounds: readonly number[], cut: Cut): Promise<void> {
  const site = await Site.open(stage, { proxied: true })
  await site.startAll(2)
  for (const _ of rounds) {
    const { member } = await site.working()
    const proxy = site.proxyOf(member)
    await proxy[cut]()
    await site.pause(0.1 * GIVE_UP_MS, 0.6 * GIVE_UP_MS)
    await proxy.pass()
    const at = monotonic()
    const { at: after } = await site.commit(stage.mark())
    stage.samples.push(after - at)
  }
  await site.working()
  await audit(site, { gaps: false })
}

/** For so long that it gives up and resigns: its fellow takes over, and it stands by again when it is back. */
async function cutUntilItResigns(stage: Stage, rounds: readonly number[], cut: Cut): Promise<void> {
  const site = await Site.open(stage, { proxied: true })
  await site.startAll(2)
  for (const _ of rounds) {
    const { member } = await site.working()
    const proxy = site.proxyOf(member)
    const mark = stage.mark()
    await proxy[cut]()
    const at = monotonic()
    const next = await site.next(member, mark)
    const { at: after } = await site.commit(mark, next.member)
    stage.samples.push(after - at)
    await site.pause(0, 1_000)
    await proxy.pass()
  }
  await site.working()
  await audit(site, { gaps: false })
}

const scenario = (cut: Cut, name: string): Scenario[] => [
  {
    name: `cut-${name}`,
    about: `The leader alone is cut off from the broker for less than it tries to come back (${name}). Times: from its return to the next commit.`,
    rounds: { full: 15, quick: 1 },
    bounds: { max: 10_000 },
    play: (stage, rounds) => cutShortly(stage, rounds, cut),
  },
  {
    name: `cut-${name}-long`,
    about: `The same until it resigns (${name}). Times: from the cut to the first commit of its successor.`,
    rounds: { full: 15, quick: 1 },
    bounds: { max: 3 * GIVE_UP_MS },
    play: (stage, rounds) => cutUntilItResigns(stage, rounds, cut),
  },
]

/** The leader is cut off from the broker. */
export const cuts: readonly Scenario[] = [...scenario('refuse', 'refused'), ...scenario('blackHole', 'black-hole')]
