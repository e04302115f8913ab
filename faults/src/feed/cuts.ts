import { monotonic } from '../log/events.ts'
import type { Stage } from '../stage.ts'
import type { Scenario } from '../suite.ts'
import { audit } from './audit.ts'
import { GIVE_UP_MS } from './settings.ts'
import { Site } from './site.ts'

/** By turns nobody listens, and nobody answers. */
const CUTS = ['refuse', 'blackHole'] as const

const cutOf = (round: number) => CUTS[round % CUTS.length] ?? 'refuse'

/** Cuts the leader off from the broker, which its fellow reaches. It is the leader still: nobody else sees its lease end. */
async function cutShortly(stage: Stage, rounds: readonly number[]): Promise<void> {
  const site = await Site.open(stage, { proxied: true })
  await site.startAll(2)
  for (const round of rounds) {
    const { member } = await site.working()
    const proxy = site.proxyOf(member)
    await proxy[cutOf(round)]()
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
async function cutUntilItResigns(stage: Stage, rounds: readonly number[]): Promise<void> {
  const site = await Site.open(stage, { proxied: true })
  await site.startAll(2)
  const worst = { refuse: 0, blackHole: 0 }
  for (const round of rounds) {
    const { member } = await site.working()
    const proxy = site.proxyOf(member)
    const mark = stage.mark()
    const cut = cutOf(round)
    await proxy[cut]()
    const at = monotonic()
    const next = await site.next(member, mark)
    const { at: after } = await site.commit(mark, next.member)
    stage.samples.push(after - at)
    worst[cut] = Math.max(worst[cut], after - at)
    await site.pause(0, 1_000)
    await proxy.pass()
  }
  await site.working()
  await audit(site, { gaps: false })
  const figures = Object.entries(worst).filter(([, ms]) => ms > 0)
  stage.figures.push(figures.map(([cut, ms]) => `${cut} at most ${Math.round(ms)} ms`).join(', '))
}

/** The leader is cut off from the broker. */
export const cuts: readonly Scenario[] = [
  {
    name: 'cut',
    about:
      'The leader alone is cut off from the broker, by turns refused and unanswered, for less than it tries to come back. Times: from its return to the next commit.',
    rounds: { full: 20, quick: 2 },
    // A request that is under way when the answers stop is given up after ten seconds.
    bounds: { max: 12_000 },
    play: cutShortly,
  },
  {
    name: 'cut-long',
    about: 'The same until it resigns. Times: from the cut to the first commit of its successor.',
    rounds: { full: 20, quick: 1 },
    // From the first request without an answer; then its fellow takes over.
    bounds: { max: 3 * GIVE_UP_MS },
    play: cutUntilItResigns,
  },
]
