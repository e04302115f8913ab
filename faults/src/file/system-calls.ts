import type { PausingEvent } from '../log/events.ts'
import type { Member, Stage } from '../stage.ts'
import type { Scenario } from '../suite.ts'
import { EXPIRY_BOUND_MS, PATIENCE_MS, STALE_MS } from './settings.ts'

/** More places than any phase of the protocol has; reaching it is an error. */
const MOST_PLACES = 200

/** How long the member that stopped itself is left standing: past every expiry. */
const LONG_STOP_MS = STALE_MS + 500

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
    const number = round + 1
    if ((await play(stage, { namespace: `place-${number}`, number })) === 'no such place') {
      stage.runs = index
      return
    }
    for (const member of stage.members) if (member.process.running) stage.kill(member)
  }
  throw new Error(`the phase has more than ${MOST_PLACES} places`)
}

const armed = (stage: Stage, member: Member) =>
  stage.until(
    `${member.name} is armed`,
    event => event.kind === 'note' && event.member === member.name && event.text === 'armed',
    PATIENCE_MS,
  )

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

/** Others have gone on meanwhile; now it wakes, and the cluster must still work: one leader, and another after its death. */
async function wake(stage: Stage, sleeper: Member, namespace: string, at: PausingEvent): Promise<void> {
  const what = `(${sleeper.name} was stopped at place ${at.number}: ${at.place})`
  stage.continue(sleeper)
  await stage.pause(800 + 700 * stage.random())
  const leader = await stage.leader(PATIENCE_MS, namespace)
  const mark = stage.mark()
  stage.kill(leader.member)
  await stage.nextLeader(`another leads after a kill ${what}`, PATIENCE_MS, mark, namespace, leader.member)
}

/** The lock is free; a member stops itself on its way to it. */
async function acquirer(stage: Stage, { namespace, number }: Case): Promise<Played> {
  const sleeper = await stage.start({ namespace, waits: true })
  stage.tell(sleeper, { do: 'arm', number })
  await armed(stage, sleeper)
  stage.tell(sleeper, { do: 'campaign' })
  const call = await paused(stage, sleeper, stage.leader(PATIENCE_MS, namespace))
  if (!call) return 'no such place'
  const mark = stage.mark()
  const rival = await stage.start({ namespace })
  const next = await stage.nextLeader('the rival leads', PATIENCE_MS, mark, namespace, sleeper)
  stage.samples.push(next.at - call.at)
  await stage.pause(Math.max(0, LONG_STOP_MS - (next.at - call.at)))
  await wake(stage, sleeper, namespace, call)
  void rival
  return 'paused'
}

/** A contender stops itself on its way to the lock of a holder that was killed or frozen. */
function contender(end: 'kill' | 'stop') {
  return async (stage: Stage, { namespace, number }: Case): Promise<Played> => {
    const holder = await stage.start({ namespace })
    await stage.leader(PATIENCE_MS, namespace)
    const sleeper = await stage.start({ namespace })
    await stage.pause(200 + 200 * stage.random())
    stage.tell(sleeper, { do: 'arm', number })
    await armed(stage, sleeper)
    const mark = stage.mark()
    stage[end](holder)
    const through = stage.nextLeader('the contender leads', PATIENCE_MS, mark, namespace, holder)
    const call = await paused(stage, sleeper, through)
    if (!call) return 'no such place'
    const rivalMark = stage.mark()
    await stage.start({ namespace })
    const next = await stage.nextLeader('the rival leads', PATIENCE_MS, rivalMark, namespace, sleeper)
    stage.samples.push(next.at - call.at)
    await stage.pause(Math.max(0, LONG_STOP_MS - (next.at - call.at)))
    if (end === 'stop') stage.continue(holder)
    await wake(stage, sleeper, namespace, call)
    return 'paused'
  }
}

/** The leader stops itself in its renewals: the first two of them, past stale or shorter. */
function renewal(stopMs: (stage: Stage) => number) {
  return async (stage: Stage, { namespace, number }: Case): Promise<Played> => {
    const sleeper = await stage.start({ namespace })
    await stage.leader(PATIENCE_MS, namespace)
    await stage.start({ namespace })
    stage.tell(sleeper, { do: 'arm', number })
    await armed(stage, sleeper)
    const call = await paused(stage, sleeper, stage.pause(2_600))
    if (!call) return 'no such place'
    await stage.pause(stopMs(stage))
    await wake(stage, sleeper, namespace, call)
    return 'paused'
  }
}

/** The leader stops itself while it releases. */
async function release(stage: Stage, { namespace, number }: Case): Promise<Played> {
  const sleeper = await stage.start({ namespace })
  await stage.leader(PATIENCE_MS, namespace)
  await stage.startAll(2, { namespace })
  stage.tell(sleeper, { do: 'arm', number })
  await armed(stage, sleeper)
  stage.terminate(sleeper)
  const call = await paused(stage, sleeper, sleeper.process.exited)
  if (!call) return 'no such place'
  await stage.pause(LONG_STOP_MS)
  await wake(stage, sleeper, namespace, call)
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
    'stopped-renewal',
    'Stopped before and after each system call of two renewals, past stale.',
    renewal(() => LONG_STOP_MS),
  ),
  everywhere(
    'stopped-renewal-briefly',
    'The same for about as long as stale, so that it wakes while another takes over.',
    renewal(stage => STALE_MS - 300 + 900 * stage.random()),
  ),
  everywhere('stopped-release', 'Stopped before and after each system call of a release.', release),
]
