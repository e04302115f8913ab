import type { PausingEvent } from '../log/events.ts'
import type { Member, Stage } from '../stage.ts'
import type { Scenario } from '../suite.ts'
import { EXPIRY_BOUND_MS, PATIENCE_MS, STALE_MS } from './settings.ts'
import { mustStay } from './stops.ts'

/** More places than any phase of the protocol has; reaching it is an error. */
const MOST_PLACES = 200

/** A quick run plays one place of that many. */
const QUICK_STRIDE = 9

/** How long the member that stopped itself is left standing: past every expiry. */
const LONG_STOP_MS = STALE_MS + 500

/** Long enough for two renewals. */
const RENEWALS_MS = 2_600
/** Long enough for some rounds of a follower. */
const ROUNDS_MS = 1_200

/** One case: what happens around a member that stops itself at its `number`th place. */
interface Case {
  readonly namespace: string
  readonly number: number
}

type Played = 'paused' | 'no such place'

/** Plays the case for every place of a phase, each in a namespace of its own, until there is no further one. */
async function everyPlace(
  stage: Stage,
  rounds: readonly number[],
  play: (stage: Stage, at: Case) => Promise<Played>,
): Promise<void> {
  for (const [index, round] of rounds.entries()) {
    const number = stage.quick ? 1 + Math.floor(QUICK_STRIDE * (round + stage.random())) : round + 1
    if ((await play(stage, { namespace: `place-${number}`, number })) === 'no such place') {
      stage.runs = index
      return
    }
    for (const member of stage.members) if (member.process.running) stage.kill(member)
  }
  throw new Error(`the phase has more than ${MOST_PLACES} places`)
}

/** Waits until the member stops itself, or until `otherwise` tells that it got through. */
async function paused(stage: Stage, member: Member, otherwise: Promise<unknown>): Promise<PausingEvent | undefined> {
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
async function wake(stage: Stage, sleeper: Member, namespace: string, at: PausingEvent): Promise<void> {
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
async function rivalThenWake(stage: Stage, sleeper: Member, rival: Member, namespace: string, at: PausingEvent) {
  const mark = stage.mark()
  const told = stage.tell(rival, { do: 'campaign' })
  const next = await stage.nextLeader('the rival leads', PATIENCE_MS, mark, namespace, sleeper)
  stage.samples.push(next.at - told)
  await stage.pause(Math.max(0, LONG_STOP_MS - (next.at - at.at)))
  await wake(stage, sleeper, namespace, at)
}

async function arm(
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

/** The lock is free; a member stops itself on its way to it. */
async function acquirer(stage: Stage, { namespace, number }: Case): Promise<Played> {
  const [sleeper, rival] = await Promise.all([
    stage.start({ namespace, waits: true }),
    stage.start({ namespace, waits: true }),
  ])
  await arm(stage, sleeper, number)
  stage.tell(sleeper, { do: 'campaign' })
  const at = await paused(stage, sleeper, stage.leader(PATIENCE_MS, namespace))
  if (!at) return 'no such place'
  await rivalThenWake(stage, sleeper, rival, namespace, at)
  return 'paused'
}

/** A contender stops itself on its way to the lock of a holder that was killed or frozen. */
function contender(end: 'kill' | 'stop') {
  return async (stage: Stage, { namespace, number }: Case): Promise<Played> => {
    const holder = await stage.start({ namespace })
    await stage.leader(PATIENCE_MS, namespace)
    const [sleeper, rival] = await Promise.all([stage.start({ namespace }), stage.start({ namespace, waits: true })])
    await stage.pause(200 + 200 * stage.random())
    await arm(stage, sleeper, number)
    const mark = stage.mark()
    stage[end](holder)
    const through = stage.nextLeader('the contender leads', PATIENCE_MS, mark, namespace, holder)
    const at = await paused(stage, sleeper, through)
    if (!at) return 'no such place'
    if (end === 'stop') setTimeout(() => stage.continue(holder), LONG_STOP_MS + 1_000 * stage.random())
    await rivalThenWake(stage, sleeper, rival, namespace, at)
    return 'paused'
  }
}

/** A contender dies on its way to the lock of a holder that was killed; a third one must soon lead all the same. */
async function dyingContender(stage: Stage, { namespace, number }: Case): Promise<Played> {
  const holder = await stage.start({ namespace })
  await stage.leader(PATIENCE_MS, namespace)
  const [victim, rival] = await Promise.all([stage.start({ namespace }), stage.start({ namespace, waits: true })])
  await stage.pause(100 + 100 * stage.random())
  await arm(stage, victim, number, 'SIGKILL')
  const mark = stage.mark()
  stage.kill(holder)
  const through = stage.nextLeader('the contender leads', PATIENCE_MS, mark, namespace, holder)
  if (!(await paused(stage, victim, through))) return 'no such place'
  const told = stage.tell(rival, { do: 'campaign' })
  const next = await stage.nextLeader('the rival leads', PATIENCE_MS, mark, namespace, victim)
  stage.samples.push(next.at - told)
  return 'paused'
}

/** The leader stops itself in its renewals: the first two of them, past stale or shorter. */
function renewal(stopMs: (stage: Stage) => number) {
  return async (stage: Stage, { namespace, number }: Case): Promise<Played> => {
    const sleeper = await stage.start({ namespace })
    await stage.leader(PATIENCE_MS, namespace)
    await stage.start({ namespace })
    await arm(stage, sleeper, number)
    const at = await paused(stage, sleeper, stage.pause(RENEWALS_MS))
    if (!at) return 'no such place'
    await stage.pause(stopMs(stage))
    await wake(stage, sleeper, namespace, at)
    return 'paused'
  }
}

/** A follower of a healthy leader stops itself in its rounds: what it had read is old when it wakes. */
async function follower(stage: Stage, { namespace, number }: Case): Promise<Played> {
  await stage.start({ namespace })
  const leader = await stage.leader(PATIENCE_MS, namespace)
  // It looks more often than the leader renews: most of what it reads has not changed, which is when it judges.
  const sleeper = await stage.start({ namespace, settings: { acquireIntervalMs: 300 } })
  await stage.pause(500)
  await arm(stage, sleeper, number)
  const at = await paused(stage, sleeper, stage.pause(ROUNDS_MS))
  if (!at) return 'no such place'
  await stage.pause(LONG_STOP_MS)
  stage.continue(sleeper)
  await mustStay(stage, leader, 600)
  await wake(stage, sleeper, namespace, at)
  return 'paused'
}

/** The leader stops itself while it releases. */
async function release(stage: Stage, { namespace, number }: Case): Promise<Played> {
  const sleeper = await stage.start({ namespace })
  await stage.leader(PATIENCE_MS, namespace)
  await stage.startAll(2, { namespace })
  await arm(stage, sleeper, number)
  stage.terminate(sleeper)
  const at = await paused(stage, sleeper, sleeper.process.exited)
  if (!at) return 'no such place'
  await stage.pause(LONG_STOP_MS)
  await wake(stage, sleeper, namespace, at)
  return 'paused'
}

/** The leader calls process.exit(1) and stops itself in its exit hook. */
async function exit(stage: Stage, { namespace, number }: Case): Promise<Played> {
  const sleeper = await stage.start({ namespace })
  await stage.leader(PATIENCE_MS, namespace)
  await stage.startAll(2, { namespace })
  await arm(stage, sleeper, number)
  stage.tell(sleeper, { do: 'block', ms: 0, then: 'exit' })
  const at = await paused(stage, sleeper, sleeper.process.exited)
  if (!at) return 'no such place'
  await stage.pause(LONG_STOP_MS)
  await wake(stage, sleeper, namespace, at)
  return 'paused'
}

const everywhere = (name: string, about: string, play: (stage: Stage, at: Case) => Promise<Played>): Scenario => ({
  name,
  about,
  rounds: { full: MOST_PLACES, quick: MOST_PLACES },
  fixed: true,
  lanes: 6,
  bounds: { max: 2 * EXPIRY_BOUND_MS },
  play: (stage, rounds) => everyPlace(stage, rounds, play),
})

/** Members that stop themselves between two system calls of the protocol, at every place in turn. */
export const systemCalls: readonly Scenario[] = [
  everywhere('stopped-acquirer', 'Stopped before and after each system call on the way to a free lock.', acquirer),
  everywhere(
    'stopped-contender',
    'Stopped before and after each system call of taking over from a dead holder.',
    contender('kill'),
  ),
  everywhere(
    'stopped-contender-stale',
    'Stopped before and after each system call of taking over from a frozen holder, which wakes later.',
    contender('stop'),
  ),
  everywhere(
    'killed-contender',
    'Killed before and after each system call of taking over from a dead holder.',
    dyingContender,
  ),
  everywhere(
    'stopped-renewal',
    'Stopped before and after each system call of two renewals, past stale.',
    renewal(() => LONG_STOP_MS),
  ),
  everywhere(
    'stopped-renewal-briefly',
    'The same for about as long as stale, so that it wakes while another takes over.',
    renewal(stage => STALE_MS - 300 + 900 * stage.random()),
  ),
  everywhere(
    'stopped-follower',
    'A follower of a healthy leader stopped before and after each system call of its rounds, past stale.',
    follower,
  ),
  everywhere('stopped-exit', 'Stopped before and after each system call of the exit hook.', exit),
  everywhere('stopped-release', 'Stopped before and after each system call of a release.', release),
]
