import type { Member } from '../launch.ts'
import type { PausingEvent } from '../log/events.ts'
import type { Stage } from '../stage.ts'
import type { Scenario } from '../suite.ts'
import { EXPIRY_BOUND_MS, PATIENCE_MS, STALE_MS } from './settings.ts'

/** More places than any phase of the protocol has; reaching it is an error. */
const MOST_PLACES = 200

/** A quick run plays one place of that many. */
const QUICK_STRIDE = 12

/** Every phase has at least so many: one of these is always played. */
const FEWEST_PLACES = 5

/** How long the member that stopped itself is left standing: past every expiry. */
export const LONG_STOP_MS = STALE_MS + 500

/** One case: what happens around a member that stops itself at its `number`th place. */
export interface Case {
  readonly namespace: string
  readonly number: number
}

export type Played = 'paused' | 'no such place'

/** Plays the case for every place of a phase, each in a namespace of its own, until there is no further one. */
async function everyPlace(
  stage: Stage,
  rounds: readonly number[],
  play: (stage: Stage, at: Case) => Promise<Played>,
): Promise<void> {
  let played = 0
  let missed = 0
  for (const round of rounds) {
    const number = stage.quick ? 1 + QUICK_STRIDE * round + Math.floor(FEWEST_PLACES * stage.random()) : round + 1
    const reached = (await play(stage, { namespace: `place-${number}`, number })) === 'paused'
    played += reached ? 1 : 0
    missed = reached ? 0 : missed + 1
    stage.runs = played
    // Once may be a short cut that only this try took.
    if (missed === (stage.quick ? 1 : 2)) return
    for (const member of stage.members) if (member.process.running) stage.kill(member)
  }
  throw new Error(`the phase has more than ${MOST_PLACES} places`)
}

/** Waits until the member stops itself, or until `otherwise` tells that it got through. */
export async function paused(
  stage: Stage,
  member: Member,
  otherwise: Promise<unknown>,
): Promise<PausingEvent | undefined> {
  const pausing = stage.until<PausingEvent>(
    `${member.name} stops itself`,
    event => event.kind === 'pausing' && event.member === member.name,
    PATIENCE_MS,
  )
  // Whichever comes second may fail: its wait is of no interest any more.
  pausing.catch(() => {})
  otherwise.catch(() => {})
  return Promise.race([pausing, otherwise.then(() => undefined)])
}

/** It wakes, though others have gone on: there must be one leader, and another soon after that one was killed. */
export async function wake(stage: Stage, sleeper: Member, namespace: string, at: PausingEvent): Promise<void> {
  stage.continue(sleeper)
  await stage.pause(800 + 700 * stage.random())
  const leader = await stage.leader(PATIENCE_MS, namespace)
  const mark = stage.mark()
  const killed = stage.kill(leader.member)
  const what = `another leads after a kill (${sleeper.name} had stopped ${at.place})`
  const next = await stage.nextLeader(what, PATIENCE_MS, mark, namespace, leader.member)
  stage.samples.push(next.at - killed)
}

/** While it stands still a rival competes, and must come to lead; then it wakes. */
export async function rivalThenWake(stage: Stage, sleeper: Member, rival: Member, namespace: string, at: PausingEvent) {
  const mark = stage.mark()
  const told = stage.tell(rival, { do: 'campaign' })
  const next = await stage.nextLeader('the rival leads', PATIENCE_MS, mark, namespace, sleeper)
  stage.samples.push(next.at - told)
  await stage.pause(Math.max(0, LONG_STOP_MS - (next.at - at.at)))
  await wake(stage, sleeper, namespace, at)
}

export async function arm(
  stage: Stage,
  member: Member,
  number: number,
  signal: 'SIGSTOP' | 'SIGKILL' = 'SIGSTOP',
): Promise<void> {
  stage.tell(member, { do: 'arm', number, signal })
  await stage.until(
    `${member.name} is armed`,
    event => event.kind === 'note' && event.member === member.name && event.text === 'armed',
    PATIENCE_MS,
  )
}

/** A scenario that plays a case at every place of its phase. */
export const everywhere = (
  name: string,
  about: string,
  play: (stage: Stage, at: Case) => Promise<Played>,
): Scenario => ({
  name,
  about,
  rounds: { full: MOST_PLACES, quick: MOST_PLACES },
  fixed: true,
  lanes: 6,
  bounds: { max: 2 * EXPIRY_BOUND_MS },
  play: (stage, rounds) => everyPlace(stage, rounds, play),
})
