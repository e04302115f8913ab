import type { Leader, Stage } from '../stage.ts'
import type { Scenario } from '../suite.ts'
import { Site, type SiteMember } from './site.ts'

const MEMBERS = 3

/** From the moment at which nothing of the old term was under way any more. */
function sinceDrained(stage: Stage, before: Leader, next: Leader): number {
  stage.mark()
  const drained = stage.events.filter(
    event => event.kind === 'drained' && event.member === before.member.name && event.term === before.term,
  )
  const last = Math.max(...drained.map(event => event.at))
  if (drained.length === 0 || next.at < last) throw new Error('the Lease was released before everything had drained')
  return next.at - last
}

/** The old one has nothing more to do: it must end by itself. */
async function mustEnd(stage: Stage, { member }: Leader): Promise<void> {
  const exit = await Promise.race([member.process.exited, stage.pause(5_000)])
  if (exit?.code !== 0) throw new Error(`after SIGTERM it ended with ${exit ? (exit.signal ?? exit.code) : 'nothing'}`)
}

async function terminateLeaders(stage: Stage, rounds: readonly number[], options: SiteMember = {}): Promise<void> {
  const site = await Site.open(stage)
  await site.startAll(MEMBERS, options)
  for (const _ of rounds) {
    const leader = await site.leader()
    await stage.pause(300 + 1_000 * stage.random())
    const mark = stage.mark()
    stage.terminate(leader.member)
    const next = await site.next(leader.member, mark)
    stage.samples.push(sinceDrained(stage, leader, next))
    await mustEnd(stage, leader)
    await site.start(options)
  }
}

/** One participant drains for longer than a lease: renewals go on meanwhile, and nobody follows before it has. */
async function slowDrain(stage: Stage, rounds: readonly number[], mode: 'bare' | 'route'): Promise<void> {
  const site = await Site.open(stage)
  const slowMs = stage.quick ? 16_000 : 20_000
  const participants = [{ name: 'quick' }, { name: 'slow', drainMs: slowMs }]
  const options: SiteMember = { mode, participants, drainMs: 1.5 * slowMs }
  await site.startAll(2, options)
  for (const _ of rounds) {
    const leader = await site.leader()
    await stage.pause(1_000)
    const mark = stage.mark()
    const at = stage.terminate(leader.member)
    const next = await site.next(leader.member, mark)
    const waited = sinceDrained(stage, leader, next)
    if (next.at - waited - at < slowMs - 500) throw new Error(`it drained for ${next.at - waited - at} ms: it was cut`)
    stage.samples.push(waited)
    await mustEnd(stage, leader)
    await site.start(options)
  }
}

const RELEASE = { p50: 150, max: 500 }

/** Leaders that let go of their own will. Measured from the end of their last work. */
export const releases: readonly Scenario[] = [
  {
    name: 'sigterm',
    about: 'The leader of three gets SIGTERM and is replaced; it drains at once, releases, and ends with 0.',
    rounds: { full: 30, quick: 4 },
    alone: true,
    bounds: RELEASE,
    play: (stage, rounds) => terminateLeaders(stage, rounds),
  },
  {
    name: 'sigterm-route',
    about: 'The same with master: routes.',
    rounds: { full: 30, quick: 2 },
    alone: true,
    bounds: RELEASE,
    play: (stage, rounds) => terminateLeaders(stage, rounds, { mode: 'route' }),
  },
  {
    name: 'slow-drain',
    about: 'One of two participants drains for longer than a lease; the Lease is renewed until it has.',
    rounds: { full: 6, quick: 1 },
    lanes: 3,
    bounds: { max: 500 },
    play: (stage, rounds) => slowDrain(stage, rounds, 'bare'),
  },
  {
    name: 'slow-drain-route',
    about: 'The same with two master: routes.',
    rounds: { full: 6, quick: 1 },
    lanes: 3,
    bounds: { max: 500 },
    play: (stage, rounds) => slowDrain(stage, rounds, 'route'),
  },
]
