import type { Stage } from '../stage.ts'
import type { Scenario } from '../suite.ts'
import { summarise } from '../verdict/statistics.ts'
import { audit } from './audit.ts'
import { Site } from './site.ts'

/** A feed that gives only what is new: what it has while nobody is connected is gone, and what was read and not committed. */
async function killLeaders(stage: Stage, rounds: readonly number[], signal: 'kill' | 'terminate'): Promise<void> {
  const site = await Site.open(stage, { feed: { replay: false } })
  await site.startAll(2)
  for (const round of rounds) {
    const { member } = await site.working()
    await site.pause(100, 400)
    const mark = stage.mark()
    stage[signal](member)
    const next = await site.next(member, mark)
    await site.commit(mark, next.member)
    await member.process.exited
    if (round !== rounds.at(-1)) await site.start()
  }
  await site.working()
  const { missing, range, terms } = await audit(site, { lossIsExpected: true })
  // What it had before the first member was there is nobody's loss.
  const gaps = missing.filter(({ first }) => first > range.first).map(({ first, last }) => last - first + 1)
  const { p50, max } = summarise(gaps)
  const ms = (messages: number) => `${messages} messages (${Math.round((1_000 * messages) / site.rate)} ms of the feed)`
  stage.figures.push(`${gaps.length} gaps in ${terms.length - 1} takeovers: p50 ${ms(p50)}, max ${ms(max)}`)
  if (gaps.length > terms.length - 1) stage.faults.push('there are more gaps than takeovers')
}

/** Feeds that cannot be asked again: the loss is a figure. */
export const unreplayables: readonly Scenario[] = [
  {
    name: 'no-replay-sigkill',
    about: 'The feed cannot be replayed, and the leader gets SIGKILL: what is lost is the gap.',
    rounds: { full: 10, quick: 1 },
    bounds: {},
    play: (stage, rounds) => killLeaders(stage, rounds, 'kill'),
  },
  {
    name: 'no-replay-sigterm',
    about: 'The same with SIGTERM.',
    rounds: { full: 10, quick: 0 },
    bounds: {},
    play: (stage, rounds) => killLeaders(stage, rounds, 'terminate'),
  },
]
