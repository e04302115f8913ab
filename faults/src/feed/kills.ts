import type { Stage } from '../stage.ts'
import type { Scenario } from '../suite.ts'
import { audit } from './audit.ts'
import { arm, pausing } from './self-stops.ts'
import type { FeedSettings } from './settings.ts'
import { Site } from './site.ts'

const MEMBERS = 2

/** Ends the leader under load, again and again, and puts a new member in its place. */
async function replaceLeaders(
  stage: Stage,
  rounds: readonly number[],
  signal: 'kill' | 'terminate',
  settings: Partial<FeedSettings> = {},
): Promise<void> {
  const site = await Site.open(stage, { settings, feed: { malformedEvery: 997 } })
  await site.startAll(MEMBERS)
  for (const round of rounds) {
    const { member } = await site.working()
    await site.pause(150, 450)
    const mark = stage.mark()
    stage[signal](member)
    const next = await site.next(member, mark)
    await site.commit(mark, next.member)
    const { code, signal: by } = await member.process.exited
    if (signal === 'terminate' && code !== 0) throw new Error(`after SIGTERM it ended with ${by ?? code}`)
    if (round !== rounds.at(-1)) await site.start()
  }
  await site.working()
  await audit(site)
}

/**
 * Where a leader dies: what it leaves behind differs. Two that follow each other leave more than each alone, so the order
 * brings each behind each other one sooner or later.
 */
const DEATHS = [
  'before commit of data',
  'request produce of position',
  'after data',
  'request end',
  'request produce',
  'after commit of data',
]

/** Leaders kill themselves around their requests, one after the other. */
async function dieInRequests(stage: Stage, rounds: readonly number[]): Promise<void> {
  const site = await Site.open(stage)
  await site.startAll(MEMBERS)
  for (const round of rounds) {
    const { member } = await site.working()
    await site.pause(50, 300)
    const mark = stage.mark()
    const turn = Math.floor(round / DEATHS.length)
    await arm(stage, member, DEATHS[(round * (turn + 1)) % DEATHS.length] ?? '', 'SIGKILL')
    await pausing(stage, member, mark)
    const next = await site.next(member, mark)
    await site.commit(mark, next.member)
    await member.process.exited
    if (round !== rounds.at(-1)) await site.start()
  }
  await site.working()
  await audit(site)
}

/** SIGKILL and SIGTERM. */
export const kills: readonly Scenario[] = [
  {
    name: 'sigkill',
    about: 'The leader of two gets SIGKILL and is replaced.',
    rounds: { full: 25, quick: 2 },
    alone: true,
    bounds: { p50: 1_000 },
    play: (stage, rounds) => replaceLeaders(stage, rounds, 'kill'),
  },
  {
    name: 'sigterm',
    about: 'The leader of two gets SIGTERM: it drains, commits, releases, and ends with 0.',
    rounds: { full: 25, quick: 2 },
    alone: true,
    bounds: { p50: 300 },
    play: (stage, rounds) => replaceLeaders(stage, rounds, 'terminate'),
  },
  {
    name: 'sigkill-requests',
    about: 'Leaders get SIGKILL just before and after their requests to the broker, one after the other.',
    rounds: { full: 36, quick: 3 },
    bounds: { p50: 1_000 },
    play: dieInRequests,
  },
  {
    name: 'websocket-sigkill',
    about: 'The same as sigkill over WebSocket.',
    rounds: { full: 15, quick: 1 },
    alone: true,
    bounds: { p50: 1_000 },
    play: (stage, rounds) => replaceLeaders(stage, rounds, 'kill', { source: 'websocket' }),
  },
  {
    name: 'websocket-sigterm',
    about: 'The same as sigterm over WebSocket.',
    rounds: { full: 15, quick: 0 },
    alone: true,
    bounds: { p50: 300 },
    play: (stage, rounds) => replaceLeaders(stage, rounds, 'terminate', { source: 'websocket' }),
  },
]
