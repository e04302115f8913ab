import type { ServiceAccount } from '@dromedary/test-servers/kubernetes'
import type { Stage } from '../stage.ts'
import type { Scenario } from '../suite.ts'
import { type Requests, requestsOf } from './requests.ts'
import { sharedServer } from './server.ts'
import { DEFAULTS } from './settings.ts'
import { Site } from './site.ts'

/** What a member may send per minute. */
const LEADER_WRITES = 60_000 / DEFAULTS.retryPeriod
const FOLLOWER_READS = 4
const WATCHES = 2

/** Members have said by then what they say at their start. */
const SETTLE_MS = 5_000

/** Counts what two members send while nothing happens, by the audit log of the server. */
async function steady(stage: Stage, windowMs: number): Promise<void> {
  const server = sharedServer()
  const site = await Site.open(stage)
  const start = async (name: string): Promise<ServiceAccount> => {
    const account = await server.serviceAccount(site.namespace, name)
    const place = await site.place({ account })
    await place.runs()
    await site.start({ place })
    return account
  }
  const mark = server.auditMark()
  const leading = await start('leader')
  const leader = await site.leader()
  const following = await start('follower')
  await stage.pause(SETTLE_MS)
  const since = new Date()
  await site.mustStay(leader, windowMs)
  const count = ({ user }: ServiceAccount) => requestsOf(server.audit(mark, { user }), since)
  const minutes = windowMs / 60_000
  report(stage, minutes, count(leading), count(following))
}

function report(stage: Stage, minutes: number, leader: Requests, follower: Requests): void {
  const perMinute = (count: number) => (count / minutes).toFixed(1)
  const say = (who: string, { writes, reads, watches, others }: Requests) => {
    const rest = others.length > 0 ? `; in all ${others.join(', ')}` : ''
    const rates = `${perMinute(writes)} writes and ${perMinute(reads)} reads of the Lease per minute`
    stage.figures.push(`${who}: ${rates}, ${watches} watches${rest}`)
  }
  say('leader', leader)
  say('follower', follower)
  // One more may fall into the window.
  if (leader.writes > LEADER_WRITES * minutes + 1) throw new Error(`the leader wrote ${leader.writes} times`)
  if (follower.reads > FOLLOWER_READS * minutes + 1) throw new Error(`the follower read ${follower.reads} times`)
  if (follower.writes > 0) throw new Error(`the follower wrote ${follower.writes} times`)
  if (follower.watches > WATCHES) throw new Error(`the follower has ${follower.watches} watches`)
}

/** What it costs when nothing happens. */
export const steadies: readonly Scenario[] = [
  {
    name: 'steady',
    about: 'Two members for three minutes in which nothing happens: what they send, by the audit log.',
    rounds: { full: 1, quick: 1 },
    fixed: true,
    bounds: {},
    play: stage => steady(stage, stage.quick ? 40_000 : 180_000),
  },
]
