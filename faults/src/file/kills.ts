import type { MemberOptions, Stage } from '../stage.ts'
import type { Scenario } from '../suite.ts'
import { entriesOf, FOLDER_BOUND } from './folder.ts'
import { PATIENCE_MS } from './settings.ts'

const MEMBERS = 4

/** Kills the leader by `end`, measures who comes next, and puts a new member in its place. */
async function replaceLeaders(
  stage: Stage,
  rounds: readonly number[],
  signal: 'kill' | 'terminate',
  options: MemberOptions = {},
): Promise<void> {
  await stage.startAll(MEMBERS, options)
  // Four that come up at once keep two cores busy for a second.
  await stage.allKnowLeader(PATIENCE_MS)
  for (const _ of rounds) {
    const leader = await stage.leader()
    await stage.pause(50 + 100 * stage.random())
    const mark = stage.mark()
    const at = stage[signal](leader.member)
    const next = await stage.nextLeader(`another leads after ${signal}`, PATIENCE_MS, mark, undefined, leader.member)
    stage.samples.push(next.at - at)
    if (signal === 'terminate') {
      const exit = await Promise.race([leader.member.process.exited, stage.pause(3_000)])
      if (exit?.code !== 0)
        throw new Error(`after SIGTERM it ended with ${exit ? (exit.signal ?? exit.code) : 'nothing'}`)
    }
    await stage.start(options)
  }
  const entries = entriesOf(stage.root)
  if (entries.length > FOLDER_BOUND) throw new Error(`${entries.length} entries are left: ${entries.join(' ')}`)
}

/** SIGKILL and SIGTERM. */
export const kills: readonly Scenario[] = [
  {
    name: 'sigkill',
    about: 'The leader of four gets SIGKILL and is replaced.',
    rounds: { full: 100, quick: 10 },
    alone: true,
    bounds: { p50: 15, p95: 40, max: 100 },
    play: (stage, rounds) => replaceLeaders(stage, rounds, 'kill'),
  },
  {
    name: 'sigkill-route',
    about: 'The same with master: routes.',
    rounds: { full: 30, quick: 4 },
    alone: true,
    bounds: { p50: 15, p95: 40, max: 100 },
    play: (stage, rounds) => replaceLeaders(stage, rounds, 'kill', { mode: 'route' }),
  },
  {
    name: 'sigterm',
    about: 'The leader of four gets SIGTERM and is replaced; it drains at once, releases, and ends with 0.',
    rounds: { full: 100, quick: 10 },
    alone: true,
    bounds: { p50: 15, max: 100 },
    play: (stage, rounds) => replaceLeaders(stage, rounds, 'terminate'),
  },
  {
    name: 'sigterm-route',
    about: 'The same with master: routes.',
    rounds: { full: 30, quick: 4 },
    alone: true,
    bounds: { p50: 15, max: 100 },
    play: (stage, rounds) => replaceLeaders(stage, rounds, 'terminate', { mode: 'route' }),
  },
  {
    name: 'same-node-id',
    about: 'Four members with one NODE_ID; the leader gets SIGKILL and is replaced.',
    rounds: { full: 20, quick: 3 },
    alone: true,
    bounds: { p50: 15, max: 100 },
    play: (stage, rounds) => replaceLeaders(stage, rounds, 'kill', { nodeId: 'same' }),
  },
]
