import { monotonic } from '../log/events.ts'
import type { Stage } from '../stage.ts'
import type { Scenario } from '../suite.ts'
import { Crew } from './crew.ts'
import { undisturbed } from './disturbed.ts'
import { Site } from './site.ts'

/** Kills leaders, and tells as kubelet that their container has ended: in its state, or as the last one of a new container. */
async function killAndTell(stage: Stage, rounds: readonly number[], where: 'state' | 'lastState'): Promise<void> {
  const site = await Site.open(stage)
  const crew = new Crew(site)
  await crew.start(2, Math.min(3, rounds.length))
  for (const _ of rounds) {
    await undisturbed(stage, async () => {
      const leader = await site.leader()
      await site.untilContainerKnown(leader)
      await stage.pause(site.timing.retryPeriod * stage.random())
      const place = site.placeOf(leader.member)
      const mark = stage.mark()
      stage.kill(leader.member)
      await leader.member.process.exited
      const at = monotonic()
      if (where === 'state') await place.ended()
      else await place.restarted()
      const next = await site.next(leader.member, mark)
      stage.samples.push(next.at - at)
      await crew.grow(() => site.start({ waits: true, ...(where === 'lastState' && { place }) }))
      await crew.relieve()
    })
  }
}

const WORD = { p50: 300 }

/** Leaders that die, and of which kubelet says so. Measured from just before that is written. */
export const deaths: readonly Scenario[] = [
  {
    name: 'sigkill-status',
    about: 'The leader gets SIGKILL, and kubelet says that its container has terminated.',
    rounds: { full: 30, quick: 2 },
    bounds: WORD,
    play: (stage, rounds) => killAndTell(stage, rounds, 'state'),
  },
  {
    name: 'sigkill-restarted',
    about: 'The same, and another container runs in its place already: kubelet says it of the last one.',
    rounds: { full: 30, quick: 2 },
    bounds: WORD,
    play: (stage, rounds) => killAndTell(stage, rounds, 'lastState'),
  },
]
