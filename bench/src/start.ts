import { systemClock } from '@dromedary/core'
import type { Tarballs } from '../../scripts/built-form.ts'
import { must } from '../../scripts/run.ts'
import { median, spread } from './arithmetic.ts'
import { builtExample, EXAMPLE_SOURCE, inFolder, memoryOf, timeToLead } from './example.ts'
import type { Measurement } from './measurement.ts'

/**
 * How long a process takes from its start until it leads, built and from source by turns, and bare node beside them for
 * the measure of the machine; and what a follower weighs.
 */
export async function start(tarballs: Tarballs, quick: boolean): Promise<Measurement> {
  using built = await builtExample(tarballs)
  const contenders = {
    node: timeOfBareNode,
    built: () => timeOf(built.main),
    source: () => timeOf(EXAMPLE_SOURCE),
  }
  const names = ['node', 'built', 'source'] as const
  const times: Record<(typeof names)[number], number[]> = { node: [], built: [], source: [] }
  // The first start of each fills the compile cache.
  for (let round = -1; round < (quick ? 2 : 11); round++) {
    for (const name of names) {
      const took = await contenders[name]()
      if (round >= 0) times[name].push(took)
    }
  }
  using meeting = inFolder()
  const memory = await memoryOf(built.main, quick ? 1_000 : 5_000, meeting)
  const text = (name: (typeof names)[number]) => {
    const { median, min, max } = spread(times[name])
    return `${median.toFixed(0)} ms (${min.toFixed(0)}–${max.toFixed(0)})`
  }
  return {
    name: 'start',
    line: [
      `start to leadership: built ${text('built')}, from source ${text('source')}, bare node to its end ${text('node')}`,
      `memory: leader ${memory.leader.toFixed(0)} MB, follower ${memory.follower.toFixed(0)} MB`,
    ].join('; '),
    figures: {
      builtMs: median(times.built),
      sourceMs: median(times.source),
      nodeMs: median(times.node),
      leaderMb: memory.leader,
      followerMb: memory.follower,
    },
  }
}

async function timeOfBareNode(): Promise<number> {
  const before = systemClock.monotonic()
  await must(process.execPath, ['-e', '0'])
  return systemClock.monotonic() - before
}

/** In a folder of its own, so that nobody has led there before. */
async function timeOf(script: string): Promise<number> {
  using meeting = inFolder()
  return await timeToLead(script, meeting)
}
