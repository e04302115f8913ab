import type { Stage } from '../stage.ts'
import type { Scenario } from '../suite.ts'
import { audit } from './audit.ts'
import { arm, pausing } from './self-stops.ts'
import type { FeedSettings } from './settings.ts'
import { Site } from './site.ts'

/** Names that a version knows of those before it. */
const KNOWN = 3

/** Each version of the application has another name for its route, and knows the names of those before it. */
const version = (number: number): Partial<FeedSettings> => ({
  routeId: `feed-v${number}`,
  formerRouteIds: Array.from({ length: Math.min(number, KNOWN) }, (_, back) => `feed-v${number - 1 - back}`),
})

/** Members of the next version come, those of the old one go: in good order, or as a zombie that wakes under the new one. */
async function roll(stage: Stage, rounds: readonly number[]): Promise<void> {
  const site = await Site.open(stage)
  await site.startAll(2, { settings: version(0) as Record<string, unknown> })
  for (const [index, round] of rounds.entries()) {
    const settings = version(index + 1) as Record<string, unknown>
    const { member: leader } = await site.working()
    const [follower] = site.running.filter(member => member !== leader)
    if (follower) {
      stage.terminate(follower)
      await follower.process.exited
    }
    await site.start({ settings })
    const mark = stage.mark()
    const freezes = round % 2 === 1
    if (freezes) {
      await arm(stage, leader, 'before commit of data')
      await pausing(stage, leader, mark)
    } else stage.terminate(leader)
    const next = await site.next(leader, mark)
    await site.commit(mark, next.member)
    if (freezes) {
      stage.continue(leader)
      await site.pause(200, 1_000)
      await site.commit(stage.mark(), next.member)
      stage.terminate(leader)
    }
    await leader.process.exited
    if (round !== rounds.at(-1)) await site.start({ settings })
  }
  await site.working()
  await audit(site, { gaps: false, connectionsMayOverlap: true })
}

/** Versions of the application whose routes have different names. */
export const rollings: readonly Scenario[] = [
  {
    name: 'rolling-update',
    about:
      'Members are replaced by those of a version that calls the route otherwise; every other time the old leader wakes up as a zombie.',
    rounds: { full: 40, quick: 2 },
    bounds: {},
    play: roll,
  },
]
