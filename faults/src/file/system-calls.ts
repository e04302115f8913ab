import type { Stage } from '../stage.ts'
import type { Scenario } from '../suite.ts'
import { arm, type Case, everywhere, LONG_STOP_MS, type Played, paused, rivalThenWake, wake } from './places.ts'
import { PATIENCE_MS, STALE_MS } from './settings.ts'
import { mustStay } from './stops.ts'

/** Long enough for two renewals. */
const RENEWALS_MS = 2_600
/** Long enough for some rounds of a follower. */
const ROUNDS_MS = 1_200

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
    // Before the case is over, which ends its members.
    const woken =
      end === 'stop' && stage.pause(LONG_STOP_MS + 1_000 * stage.random()).then(() => stage.continue(holder))
    await Promise.all([woken, rivalThenWake(stage, sleeper, rival, namespace, at)])
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
