import type { FaultEvent } from '../log/events.ts'
import type { Stage } from '../stage.ts'
import type { Scenario } from '../suite.ts'
import { audit } from './audit.ts'
import { PATIENCE_MS } from './settings.ts'
import { Site } from './site.ts'

/** How long a member works before it is ready, milliseconds. */
const WORK_MS = 60_000
const QUICK_WORK_MS = 4_000

/** Members that have a lot to do before they are ready: a warm one has it behind it when it takes over. */
async function warmStandby(stage: Stage, rounds: readonly number[]): Promise<void> {
  const standbyMs = stage.quick ? QUICK_WORK_MS : WORK_MS
  const site = await Site.open(stage, { settings: { standbyMs } })
  const patience = standbyMs + PATIENCE_MS
  const begins = (name: string) => (event: FaultEvent) =>
    event.kind === 'note' && event.text === `${name} begins its work of a standby`
  const start = async () => {
    const member = await site.start({ waits: true })
    stage.tell(member, { do: 'campaign' })
    const { at } = await stage.until(`${member.name} begins its work`, begins(member.name), PATIENCE_MS)
    const ready = await site.ready(member, patience)
    if (ready.at - at < standbyMs)
      throw new Error(`${member.name} was ready ${ready.at - at} ms after it began, before its work was done`)
    return member
  }
  // All of them at once: the work is waited for once.
  const members = await Promise.all(Array.from({ length: rounds.length + 1 }, start))
  for (const _ of rounds) {
    const { member } = await site.working()
    await site.pause(100, 400)
    const mark = stage.mark()
    stage.kill(member)
    const next = await site.next(member, mark)
    await site.commit(mark, next.member)
    const again = stage.events.slice(mark).find(event => members.some(one => begins(one.name)(event)))
    if (again) throw new Error(`${again.member} did its work of a standby after the leader had died`)
  }
  await audit(site)
  stage.figures.push(`${standbyMs / 1_000} s of work before a member is ready`)
}

/** Hot-warm: what is slow is done before the leader dies. */
export const standbys: readonly Scenario[] = [
  {
    name: 'standby',
    about: 'Members work for a minute before they are ready; the leader gets SIGKILL, and none of that is in the gap.',
    rounds: { full: 5, quick: 1 },
    bounds: { p50: 1_000 },
    play: warmStandby,
  },
]
