import { monotonic } from '../log/events.ts'
import type { Stage } from '../stage.ts'
import type { Scenario } from '../suite.ts'
import { undisturbed } from './disturbed.ts'
import { type LeasePatch, NOTE } from './lease.ts'
import { RIGHTS, WITHOUT_UPDATE } from './rights.ts'
import { DEFAULTS, expiryBound, recoveryBound, SHORT } from './settings.ts'
import { Site } from './site.ts'

const MEMBERS = 3
const FAR_AWAY = '2199-01-01T00:00:00.000000Z'

/** What somebody may write into a Lease so that nobody can tell any more whose it is. */
const GARBAGE: Readonly<Record<string, LeasePatch>> = {
  'no annotations': { metadata: { annotations: null } },
  'a term that is no number': { metadata: { annotations: { [NOTE.term]: 'nonsense' } } },
  'a term that is too small': { metadata: { annotations: { [NOTE.term]: '1' } } },
  'a lease of sixty years': { spec: { leaseDurationSeconds: 2_000_000_000 } },
  'another incarnation': { metadata: { annotations: { [NOTE.incarnation]: 'somebody' } } },
  'another holder': { spec: { holderIdentity: 'somebody_else' } },
  'no times': { spec: { holderIdentity: null, renewTime: null, acquireTime: null } },
}

/** Hurts the Lease under a leader: it lets go, and after a lease somebody leads in a higher term. */
async function tamper(stage: Stage, rounds: readonly number[], hurt: (site: Site, round: number) => Promise<void>) {
  const site = await Site.open(stage, { timing: stage.quick ? SHORT : DEFAULTS })
  await site.startAll(MEMBERS)
  for (const round of rounds) {
    // Only whoever has seen the Lease knows that there may be a leader.
    await site.allKnowLeader()
    const leader = await site.betweenRenewals()
    const mark = stage.mark()
    const at = monotonic()
    await hurt(site, round)
    const ended = (event: { kind: string; member: string }) =>
      event.kind === 'ended' && event.member === leader.member.name
    await stage.until('the leader lets go', ended, site.timing.leaseDuration, mark)
    const next = await site.leader()
    if (BigInt(next.term) <= BigInt(leader.term)) throw new Error(`term ${next.term} came after ${leader.term}`)
    stage.samples.push(next.at - at)
  }
}

/** Times of the Lease lie far ahead: nobody judges by them. */
async function farAway(stage: Stage, rounds: readonly number[]): Promise<void> {
  const site = await Site.open(stage, { timing: stage.quick ? SHORT : DEFAULTS })
  await site.startAll(2)
  for (const _ of rounds) {
    await undisturbed(stage, async () => {
      const before = await site.betweenRenewals()
      await site.lease.patch({ spec: { renewTime: FAR_AWAY, acquireTime: FAR_AWAY } })
      await site.mustStay(before, 2 * site.timing.retryPeriod)
      await site.lease.patch({ spec: { acquireTime: FAR_AWAY } })
      const leader = await site.betweenRenewals()
      const mark = stage.mark()
      stage.kill(leader.member)
      const sent = site.lastRenewal(leader.member)
      stage.samples.push((await site.next(leader.member, mark)).at - sent)
      await site.start()
    })
  }
}

/** The right to renew is taken away for longer than a lease, and given back. */
async function revoke(stage: Stage, rounds: readonly number[]): Promise<void> {
  const site = await Site.open(stage, { timing: stage.quick ? SHORT : DEFAULTS })
  await site.startAll(MEMBERS)
  for (const _ of rounds) {
    const leader = await site.leader()
    await stage.pause(site.timing.retryPeriod * (1 + stage.random()))
    await site.rights.set(WITHOUT_UPDATE)
    await stage.pause(site.timing.leaseDuration)
    const at = monotonic()
    await site.rights.set(RIGHTS)
    const next = await site.leader()
    if (BigInt(next.term) <= BigInt(leader.term)) throw new Error(`term ${next.term} came after ${leader.term}`)
    stage.samples.push(next.at - at)
  }
}

/** A Lease of Camel under our name: nobody leads and the log says why, until somebody gives it to us. */
async function camel(stage: Stage, rounds: readonly number[]): Promise<void> {
  for (const _ of rounds) {
    const site = await Site.open(stage, { timing: stage.quick ? SHORT : DEFAULTS })
    const renewTime = new Date().toISOString().replace('Z', '000Z')
    const spec = { holderIdentity: 'camel-pod', leaseDurationSeconds: 15, acquireTime: renewTime, renewTime }
    await site.lease.create({ metadata: { labels: { provider: 'camel', group: 'faults' } }, spec })
    const members = await site.startAll(2)
    await stage.pause(1.5 * site.timing.leaseDuration)
    if (stage.events.some(event => event.kind === 'lease')) throw new Error('a Lease of Camel was taken')
    for (const member of members) await member.process.waitForLine('belongs to Camel', { within: 1_000 })
    const at = monotonic()
    await site.lease.patch({ metadata: { labels: { provider: null } }, spec: { holderIdentity: '' } })
    stage.samples.push((await site.leader()).at - at)
    await stage.pause(500)
  }
}

const RECOVERY = { max: recoveryBound(DEFAULTS) }

/** What people and rules do to a Lease. Measured from the deed, or from its undoing. */
export const tampering: readonly Scenario[] = [
  {
    name: 'rights-revoked',
    about: 'The right to update Leases is taken away for a lease, and given back.',
    rounds: { full: 4, quick: 1 },
    lanes: 4,
    bounds: RECOVERY,
    play: revoke,
  },
  {
    name: 'lease-deleted',
    about: 'The Lease of a living leader is deleted by hand.',
    rounds: { full: 6, quick: 1 },
    lanes: 3,
    bounds: RECOVERY,
    play: (stage, rounds) => tamper(stage, rounds, site => site.lease.delete()),
  },
  {
    name: 'holder-cleared',
    about: 'The holder of the Lease of a living leader is cleared by hand.',
    rounds: { full: 6, quick: 1 },
    lanes: 3,
    bounds: RECOVERY,
    play: (stage, rounds) => tamper(stage, rounds, site => site.lease.patch({ spec: { holderIdentity: '' } })),
  },
  {
    name: 'lease-garbage',
    about: 'The Lease of a living leader is made unreadable in several ways, by hand.',
    rounds: { full: Object.keys(GARBAGE).length, quick: Object.keys(GARBAGE).length },
    fixed: true,
    lanes: 4,
    bounds: RECOVERY,
    play: (stage, rounds) =>
      tamper(stage, rounds, async (site, round) => {
        const [name = '', patch = {}] = Object.entries(GARBAGE)[round] ?? []
        stage.note(`somebody writes ${name}`)
        await site.lease.patch(patch)
      }),
  },
  {
    name: 'times-far-away',
    about: 'The times of the Lease are set to the next century; then the leader dies. Measured from its last renewal.',
    rounds: { full: 4, quick: 1 },
    lanes: 4,
    bounds: { max: expiryBound(DEFAULTS) },
    play: farAway,
  },
  {
    name: 'camel-lease',
    about: 'The Lease is one of Camel: nobody leads, and the log says so, until it is given away.',
    rounds: { full: 2, quick: 1 },
    fixed: true,
    lanes: 2,
    bounds: RECOVERY,
    play: camel,
  },
]
