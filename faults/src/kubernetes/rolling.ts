import type { Stage } from '../stage.ts'
import type { Scenario } from '../suite.ts'
import { Site } from './site.ts'

/** Replaces every member by a new one, in the order of their age, while they work: the new one first, as a Deployment does. */
async function rollingUpdate(stage: Stage, rounds: readonly number[], count: number): Promise<void> {
  const site = await Site.open(stage)
  await site.startAll(count)
  for (const _ of rounds) {
    await site.leader()
    for (const old of site.running) {
      const leader = await site.leader()
      await site.start()
      const mark = stage.mark()
      const at = stage.terminate(old)
      if (leader.member === old) stage.samples.push((await site.next(old, mark)).at - at)
      const exit = await Promise.race([old.process.exited, stage.pause(5_000)])
      if (exit?.code !== 0) throw new Error(`${old.name} did not end by itself`)
    }
  }
}

/** Updates without a pause. Measured from the SIGTERM of whoever leads. */
export const rollings: readonly Scenario[] = [
  {
    name: 'rolling-update',
    about: 'Ten members under load are replaced one after the other, the new one first.',
    rounds: { full: 3, quick: 1 },
    bounds: { max: 1_000, leaderless: 1_000 },
    play: (stage, rounds) => rollingUpdate(stage, rounds, stage.quick ? 3 : 10),
  },
]
