import type { LeaseEvent } from '../log/events.ts'
import type { MemberOptions, Stage } from '../stage.ts'
import type { Scenario } from '../suite.ts'
import { EXPIRY_BOUND_MS, PATIENCE_MS } from './settings.ts'

const SLOW_MS = 1_500

/** A dying process's sockets close, and its successor leads, before its parent hears of its end: by as much, on a busy machine. */
const DEATH_MS = 250

/** Terminates leaders of which one participant drains slowly; nobody may follow before it has. */
async function slowDrain(stage: Stage, rounds: readonly number[], mode: 'bare' | 'route'): Promise<void> {
  const options: MemberOptions = { mode, participants: [{ name: 'quick' }, { name: 'slow', drainMs: SLOW_MS }] }
  await stage.startAll(2, options)
  for (const _ of rounds) {
    const leader = await stage.leader(PATIENCE_MS)
    await stage.pause(300)
    const mark = stage.mark()
    const at = stage.terminate(leader.member)
    const next = await stage.nextLeader('another leads', PATIENCE_MS, mark, undefined, leader.member)
    const drained = stage.events.filter(event => event.kind === 'drained' && event.member === leader.member.name)
    const last = Math.max(...drained.map(event => event.at))
    if (drained.length < 2 || next.at < last) throw new Error('the lock was released before both routes had drained')
    if (last - at < SLOW_MS / 2) throw new Error(`the slow route drained in ${(last - at).toFixed(0)} ms`)
    stage.samples.push(next.at - last)
    await stage.start(options)
  }
}

/** Terminates leaders whose work never ends; the lease must be left to expire, never released over it. */
async function stubborn(stage: Stage, rounds: readonly number[], mode: 'bare' | 'route'): Promise<void> {
  const options: MemberOptions = {
    mode,
    participants: [{ name: 'stubborn', stubborn: true }, { name: 'quick' }],
    drainMs: 1_000,
  }
  await stage.startAll(2, options)
  for (const _ of rounds) {
    const leader = await stage.leader(PATIENCE_MS)
    await stage.pause(300)
    const mark = stage.mark()
    stage.terminate(leader.member)
    const next = await stage.nextLeader('another leads', PATIENCE_MS, mark, undefined, leader.member)
    const leases = stage.events.filter(
      (event): event is LeaseEvent => event.kind === 'lease' && event.member === leader.member.name,
    )
    const hardEnd = Math.max(...leases.map(lease => lease.end))
    if (next.at < hardEnd) await Promise.race([leader.member.process.exited, stage.pause(DEATH_MS)])
    if (leader.member.process.running && next.at < hardEnd) {
      throw new Error(
        `${(hardEnd - next.at).toFixed(0)} ms before the hard end the lease was released over running work`,
      )
    }
    stage.samples.push(next.at - hardEnd)
    // The stubborn one still tries to send meanwhile.
    await stage.pause(1_500)
    if (leader.member.process.running) stage.kill(leader.member)
    await stage.start(options)
  }
}

/** Work that takes its time when leadership is given up. */
export const drains: readonly Scenario[] = [
  {
    name: 'two-routes',
    about: 'Two participants of one namespace, one drains slowly; released when both have. Measured from then.',
    rounds: { full: 10, quick: 2 },
    lanes: 2,
    bounds: { max: 100 },
    play: (stage, rounds) => slowDrain(stage, rounds, 'bare'),
  },
  {
    name: 'two-routes-route',
    about: 'The same with two master: routes.',
    rounds: { full: 6, quick: 2 },
    lanes: 2,
    bounds: { max: 100 },
    play: (stage, rounds) => slowDrain(stage, rounds, 'route'),
  },
  {
    name: 'stubborn',
    about: 'A handler ignores its abort signal: its lease is left to expire. Measured from the hard end.',
    rounds: { full: 4, quick: 2 },
    lanes: 2,
    bounds: { max: EXPIRY_BOUND_MS },
    play: (stage, rounds) => stubborn(stage, rounds, 'bare'),
  },
  {
    name: 'stubborn-route',
    about: 'The same in a master: route.',
    rounds: { full: 4, quick: 2 },
    lanes: 2,
    bounds: { max: EXPIRY_BOUND_MS },
    play: (stage, rounds) => stubborn(stage, rounds, 'route'),
  },
]
