import { monotonic } from '../log/events.ts'
import type { Stage } from '../stage.ts'
import type { Scenario } from '../suite.ts'
import { undisturbed } from './disturbed.ts'
import { ownServer } from './outages.ts'
import { DEFAULTS, recoveryBound, SHORT } from './settings.ts'
import { Site } from './site.ts'

/** etcd gets back what it had in a term before this one, while its leader runs. */
async function restore(stage: Stage, rounds: readonly number[]): Promise<void> {
  const cluster = await ownServer(stage)
  const site = await Site.open(stage, { cluster, timing: stage.quick ? SHORT : DEFAULTS })
  // Whoever is started after the backup would be unknown to the server after the restore.
  await site.startAll(2 + rounds.length)
  for (const _ of rounds) {
    await undisturbed(stage, async () => {
      await site.betweenRenewals()
      await cluster.stop()
      const backup = cluster.backup()
      await cluster.start()
      // With the short settings it may have given up meanwhile.
      const before = await site.leader()
      const mark = stage.mark()
      stage.terminate(before.member)
      await site.next(before.member, mark)
      await site.allKnowLeader()
      const leader = await site.betweenRenewals()
      const later = stage.mark()
      await cluster.stop()
      cluster.restore(backup)
      await cluster.start()
      const at = monotonic()
      await stage.until('the leader lets go', event => event.kind === 'ended', site.timing.leaseDuration, later)
      const next = await site.leader()
      if (BigInt(next.term) <= BigInt(leader.term)) throw new Error(`term ${next.term} came after ${leader.term}`)
      stage.samples.push(next.at - at)
      await site.mustStay(next, 2 * site.timing.retryPeriod)
    })
  }
}

/** A past that comes back. Measured from the moment the server is ready again. */
export const restores: readonly Scenario[] = [
  {
    name: 'etcd-restored',
    about: 'etcd is restored from a backup of an earlier term while a leader runs: the term grows all the same.',
    rounds: { full: 2, quick: 1 },
    bounds: { max: recoveryBound(DEFAULTS) },
    play: restore,
  },
]
