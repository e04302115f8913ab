import type { Member } from '../launch.ts'
import type { Stage } from '../stage.ts'
import type { Scenario } from '../suite.ts'
import { EXPIRY_BOUND_MS, PATIENCE_MS, STALE_MS } from './settings.ts'

const MEMBERS = 5
const ROUND_MS = 6_000

/** One blow after the other until time is up and a leader was killed. Half of them hit the leader; its kills are measured. */
async function storm(stage: Stage, rounds: readonly number[]): Promise<void> {
  await stage.startAll(MEMBERS)
  for (const _ of rounds) {
    const over = performance.now() + ROUND_MS
    const kills = stage.samples.length
    while (performance.now() < over || stage.samples.length === kills) {
      const leader = await stage.leader(PATIENCE_MS)
      const alive = stage.members.filter(member => member.process.running)
      const other = alive[Math.floor(stage.random() * alive.length)]
      const victim = stage.random() < 0.5 || !other ? leader.member : other
      if (stage.random() < 0.25) await freeze(stage, victim)
      else {
        const mark = stage.mark()
        const at = stage.kill(victim)
        if (victim === leader.member) {
          const next = await stage.nextLeader('another leads', PATIENCE_MS, mark, undefined, victim)
          stage.samples.push(next.at - at)
        }
        await stage.start()
      }
      await stage.pause(150 * stage.random())
    }
  }
}

/** Freezes up to one and a half times stale. */
async function freeze(stage: Stage, member: Member): Promise<void> {
  stage.stop(member)
  await stage.pause(1.5 * STALE_MS * stage.random())
  if (member.process.running) stage.continue(member)
}

/** Every member is frozen and woken at times of its own, so that several stand still at once; now and then one dies. */
async function freezes(stage: Stage, rounds: readonly number[]): Promise<void> {
  const over = performance.now() + rounds.length * ROUND_MS
  const suffer = async () => {
    let member = await stage.start()
    while (performance.now() < over) {
      await stage.pause(STALE_MS * stage.random())
      if (stage.random() < 0.15) {
        stage.kill(member)
        member = await stage.start()
      } else await freeze(stage, member)
    }
  }
  await Promise.all(Array.from({ length: MEMBERS }, suffer))
  const mark = performance.now()
  await stage.leader(PATIENCE_MS)
  stage.samples.push(performance.now() - mark)
}

/** Blows at random for a while. */
export const storms: readonly Scenario[] = [
  {
    name: 'storm',
    about: 'Five members for six seconds a round: killed, some frozen up to 1.5 × stale, and replaced, at random.',
    rounds: { full: 10, quick: 1 },
    bounds: { max: EXPIRY_BOUND_MS },
    play: storm,
  },
  {
    name: 'freeze-storm',
    about: 'Five members for six seconds a round, each frozen and woken at times of its own; some die.',
    rounds: { full: 10, quick: 2 },
    bounds: { max: EXPIRY_BOUND_MS },
    play: freezes,
  },
]
