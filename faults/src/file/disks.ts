import { monotonic } from '../log/events.ts'
import { SmallDisk, smallDiskUnavailable } from '../small-disk.ts'
import type { Stage } from '../stage.ts'
import type { Scenario } from '../suite.ts'
import { ACQUIRE_INTERVAL_MS, EXPIRY_BOUND_MS, PATIENCE_MS, STALE_MS } from './settings.ts'

type Hurt = (disk: SmallDisk) => void

/** Hurts the disk under a leader, kills the leader meanwhile, heals the disk: from then on somebody must lead soon. */
async function hurtDisk(stage: Stage, rounds: readonly number[], hurt: Hurt, heal: Hurt): Promise<void> {
  using disk = await SmallDisk.mount(stage.root)
  const within = disk.within
  await stage.startAll(3, { within })
  for (const round of rounds) {
    const leader = await stage.leader(PATIENCE_MS)
    await stage.pause(500 * stage.random())
    hurt(disk)
    // Every other time the leader lives on: then it depends on the fault whether it may keep its term.
    await stage.pause(2 * STALE_MS)
    const dies = round % 2 === 0
    if (dies) {
      stage.kill(leader.member)
      await stage.pause(STALE_MS)
    }
    const at = monotonic()
    heal(disk)
    if (dies) await stage.start({ within })
    // Who led all the time counts as 0.
    stage.samples.push(Math.max(0, (await stage.leader(PATIENCE_MS)).at - at))
  }
}

/** A disk that is full or read-only for a while. */
export const disks: readonly Scenario[] = [
  {
    name: 'disk-full',
    about: 'Nothing fits on the disk for a while (ENOSPC), and the leader may die meanwhile. Measured from the cure.',
    rounds: { full: 4, quick: 2 },
    lanes: 2,
    bounds: { max: EXPIRY_BOUND_MS + ACQUIRE_INTERVAL_MS },
    unavailable: smallDiskUnavailable,
    play: (stage, rounds) =>
      hurtDisk(
        stage,
        rounds,
        disk => disk.fill(),
        disk => disk.free(),
      ),
  },
  {
    name: 'disk-read-only',
    about: 'The disk is read-only for a while (EROFS), and the leader may die meanwhile. Measured from the cure.',
    rounds: { full: 4, quick: 2 },
    lanes: 2,
    bounds: { max: EXPIRY_BOUND_MS + ACQUIRE_INTERVAL_MS },
    unavailable: smallDiskUnavailable,
    play: (stage, rounds) =>
      hurtDisk(
        stage,
        rounds,
        disk => disk.readOnly(),
        disk => disk.writable(),
      ),
  },
]
