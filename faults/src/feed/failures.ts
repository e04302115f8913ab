import type { Stage } from '../stage.ts'
import type { Scenario } from '../suite.ts'
import { audit } from './audit.ts'
import { Site } from './site.ts'

/** Before and after the broker has done what it is asked for: the leader cannot tell which. */
export const FAILING = ['before data', 'after data', 'before commit of data', 'after commit of data']

/** Requests of the leader fail, one after the other; it recovers in the same term. Now and then while it recovers from another one. */
async function failRequests(stage: Stage, rounds: readonly number[]): Promise<void> {
  const site = await Site.open(stage)
  await site.startAll(2)
  for (const round of rounds) {
    const { member } = await site.working()
    await site.pause(0, 200)
    const mark = stage.mark()
    const at = FAILING[round % FAILING.length] ?? ''
    const failed = member.process.lines.all.length
    stage.tell(member, { do: 'fail', at })
    await member.process.waitForLine('cannot write: ', { from: failed, within: 30_000 })
    if (round % 3 === 2) stage.tell(member, { do: 'fail', at: 'before commit of claim' })
    await member.process.waitForLine('writes again after', { from: failed, within: 30_000 })
    await site.commit(mark)
  }
  await site.working()
  await audit(site, { gaps: false })
}

/** Requests that fail, and of which nobody knows whether they were done. */
export const failures: readonly Scenario[] = [
  {
    name: 'failed-requests',
    about: 'Requests of the leader to the broker fail, before or after they were done; it goes on in its term.',
    rounds: { full: 60, quick: 4 },
    bounds: {},
    play: failRequests,
  },
]
