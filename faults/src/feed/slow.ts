import type { Member } from '../launch.ts'
import type { FaultEvent, NoteEvent } from '../log/events.ts'
import type { Stage } from '../stage.ts'
import type { Scenario } from '../suite.ts'
import { audit } from './audit.ts'
import { PATIENCE_MS } from './settings.ts'
import { Site } from './site.ts'

const MB = 2 ** 20

/** Messages a second: what the member may hold, and the buffers between it and the feed, are full after some seconds. */
const FAST = 10_000

/** What gets through to the broker a second: about a fifth of what the feed gives. */
const SHARE = 0.2
/** Bytes that a message takes on its way to the broker, with its key and headers. */
const MESSAGE = 150

/** A heap that is still getting its size takes no more; a member that kept what it cannot get rid of would, within a minute. */
const MOST_GROWTH = 96 * MB

/** How much memory it takes, in bytes. */
async function memoryOf(stage: Stage, member: Member): Promise<number> {
  const mark = stage.mark()
  stage.tell(member, { do: 'memory' })
  const fits = (event: FaultEvent) =>
    event.kind === 'note' && event.member === member.name && event.text.startsWith('memory ')
  const { text } = await stage.until<NoteEvent>(`${member.name} says how much memory it takes`, fits, PATIENCE_MS, mark)
  return Number(text.split(' ')[1])
}

/** The way to the broker is slow and the feed is not: the feed has to wait, not the memory to grow. */
async function slowBroker(stage: Stage): Promise<void> {
  const site = await Site.open(stage, { proxied: true, feed: { rate: FAST } })
  const leader = await site.start()
  await site.working()
  site.proxyOf(leader).throttle(SHARE * site.rate * MESSAGE)
  await stage.pause(stage.quick ? 5_000 : 20_000)
  const first = await memoryOf(stage, leader)
  const seconds = stage.quick ? 5 : 60
  await stage.pause(1_000 * seconds)
  const last = await memoryOf(stage, leader)
  const { backlog } = site.feed.stats
  await site.proxyOf(leader).pass()
  await audit(site, { gaps: false })
  const mb = (bytes: number) => `${Math.round(bytes / MB)} MB`
  stage.figures.push(
    `memory ${mb(first)}, ${seconds} s later ${mb(last)}; ${backlog} messages waited at the feed, ${Math.round((backlog * 201) / MB)} MB`,
  )
  if (backlog < site.rate) stage.faults.push('the feed did not have to wait')
  if (last - first > MOST_GROWTH) stage.faults.push(`its memory grew by ${mb(last - first)} in ${seconds} s`)
}

/** A broker that takes less than the feed gives. */
export const slows: readonly Scenario[] = [
  {
    name: 'slow-broker',
    about: 'A fast feed, and a way to the broker that takes a fifth of it: the feed is slowed down, memory is flat.',
    rounds: { full: 1, quick: 1 },
    fixed: true,
    bounds: {},
    play: stage => slowBroker(stage),
  },
]
