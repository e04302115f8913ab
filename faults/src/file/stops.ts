import type { Leader, MemberOptions, Stage } from '../stage.ts'
import type { Scenario } from '../suite.ts'
import { EXPIRY_BOUND_MS, PATIENCE_MS, STALE_MS } from './settings.ts'

/** Freezes the leader until another leads, wakes it, and watches the old one for a while. */
async function freezeLeaders(stage: Stage, rounds: readonly number[], options: MemberOptions = {}): Promise<void> {
  await stage.startAll(2, options)
  for (const _ of rounds) {
    const leader = await stage.leader(PATIENCE_MS)
    await stage.pause(1_000 * stage.random())
    const mark = stage.mark()
    const at = stage.stop(leader.member)
    const next = await stage.nextLeader('another leads', PATIENCE_MS, mark, undefined, leader.member)
    stage.samples.push(next.at - at)
    await stage.pause(100 * stage.random())
    stage.continue(leader.member)
    await mustStay(stage, next, 500)
  }
}

/** What others do to a leader; losing by being slow on a busy machine is its own affair, and safe. */
const BY_OTHERS = ['taken', 'record-changed']

/** Fails if others take the term away from this member. */
export async function mustStay(stage: Stage, leader: Leader, ms: number): Promise<void> {
  await stage.pause(ms)
  stage.mark()
  const lost = stage.events.find(
    event =>
      (event.kind === 'closing' || event.kind === 'ended') &&
      event.member === leader.member.name &&
      event.term === leader.term &&
      BY_OTHERS.includes(event.reason),
  )
  if (lost)
    throw new Error(`others took the term of the rightful leader ${leader.member.name}: ${JSON.stringify(lost)}`)
}

async function blockLeaders(stage: Stage, rounds: readonly number[], then?: 'release' | 'exit'): Promise<void> {
  await stage.startAll(2)
  for (const _ of rounds) {
    const leader = await stage.leader(PATIENCE_MS)
    await stage.pause(1_000 * stage.random())
    const mark = stage.mark()
    const at = stage.tell(leader.member, { do: 'block', ms: 3 * STALE_MS, ...(then ? { then } : {}) })
    const next = await stage.nextLeader('another leads', PATIENCE_MS, mark, undefined, leader.member)
    stage.samples.push(next.at - at)
    await stage.pause(3 * STALE_MS - (next.at - at))
    await mustStay(stage, next, 1_000)
    if (then === 'release') {
      const released = (event: { kind: string; text?: string }) => event.kind === 'note' && event.text === 'released'
      await stage.until('the blocked one lets go', released, PATIENCE_MS, mark)
      stage.kill(leader.member)
    }
    if (then) await stage.start()
  }
}

/** Processes that stand still: frozen, or with a blocked event loop. */
export const stops: readonly Scenario[] = [
  {
    name: 'sigstop',
    about: 'The leader is frozen by SIGSTOP past stale, then wakes: it never fires again in its old term.',
    rounds: { full: 20, quick: 4 },
    lanes: 4,
    bounds: { max: EXPIRY_BOUND_MS },
    play: (stage, rounds) => freezeLeaders(stage, rounds),
  },
  {
    name: 'sigstop-route',
    about: 'The same with master: routes.',
    rounds: { full: 20, quick: 4 },
    lanes: 4,
    bounds: { max: EXPIRY_BOUND_MS },
    play: (stage, rounds) => freezeLeaders(stage, rounds, { mode: 'route' }),
  },
  {
    name: 'blocked',
    about: 'The event loop of the leader is blocked for 3 × stale.',
    rounds: { full: 10, quick: 1 },
    lanes: 2,
    bounds: { max: EXPIRY_BOUND_MS },
    play: (stage, rounds) => blockLeaders(stage, rounds),
  },
  {
    name: 'blocked-release',
    about: 'The event loop of the leader is blocked for 3 × stale; then, in the same tick, it lets go.',
    rounds: { full: 4, quick: 1 },
    lanes: 2,
    bounds: { max: EXPIRY_BOUND_MS },
    play: (stage, rounds) => blockLeaders(stage, rounds, 'release'),
  },
  {
    name: 'blocked-exit',
    about: 'The event loop of the leader is blocked for 3 × stale; then, in the same tick, process.exit(1).',
    rounds: { full: 4, quick: 1 },
    lanes: 2,
    bounds: { max: EXPIRY_BOUND_MS },
    play: (stage, rounds) => blockLeaders(stage, rounds, 'exit'),
  },
]
