import type { DropHow } from 'feed-to-kafka/simulator'
import type { Stage } from '../stage.ts'
import type { Scenario } from '../suite.ts'
import { audit } from './audit.ts'
import type { FeedSettings } from './settings.ts'
import { Site } from './site.ts'

const HOWS: readonly DropHow[] = ['end', 'reset', 'cut']

/** Messages a second: connections that end at once are made anew after pauses, and what came meanwhile has to be caught up with. */
const RATE = 10_000

/** The feed ends the connection at any place, also within a message; the same leader connects anew and goes on. */
async function drop(stage: Stage, rounds: readonly number[], source: FeedSettings['source']): Promise<void> {
  const slower = stage.quick ? {} : { rate: RATE }
  const site = await Site.open(stage, { settings: { source }, feed: { malformedEvery: 499, ...slower } })
  await site.startAll(2)
  for (const round of rounds) {
    await site.working()
    const before = site.feed.stats.connections
    await site.pause(50, 500)
    const mark = stage.mark()
    site.feed.drop(HOWS[round % HOWS.length] ?? 'end')
    await site.commit(mark)
    while (site.feed.stats.connections === before) await stage.pause(5)
  }
  const { connections } = site.feed.stats
  const { terms } = await audit(site, { gaps: false })
  stage.figures.push(`${connections} connections in ${terms.length} terms`)
}

/** The feed drops connections. */
export const drops: readonly Scenario[] = (['tcp', 'websocket'] as const).map(source => ({
  name: `drop-${source}`,
  about: `The feed ends its connections, by turns in good order, abruptly and within a message (${source}).`,
  rounds: { full: 30, quick: source === 'tcp' ? 3 : 0 },
  bounds: {},
  play: (stage, rounds) => drop(stage, rounds, source),
}))
