import { type KubernetesServer, startKubernetes } from '@dromedary/test-servers/kubernetes'
import { monotonic } from '../log/events.ts'
import type { Stage } from '../stage.ts'
import type { Scenario } from '../suite.ts'
import { undisturbed } from './disturbed.ts'
import { DEFAULTS, recoveryBound, SHORT } from './settings.ts'
import { Site } from './site.ts'

const MEMBERS = 3

/** A server for this stage alone. */
export async function ownServer(stage: Stage): Promise<KubernetesServer> {
  return stage.owned.use(await startKubernetes())
}

/** The server refuses everybody for a while; `kept`: for so short that the leader must keep its term. */
async function refuseAll(stage: Stage, rounds: readonly number[], goneMs: number, kept: boolean): Promise<void> {
  const site = await Site.open(stage)
  await site.startAll(MEMBERS)
  for (const _ of rounds) {
    const leader = await site.leader()
    await stage.pause(site.timing.retryPeriod * (1 + stage.random()))
    const proxies = stage.members.map(member => site.placeOf(member).proxy)
    const mark = stage.mark()
    await Promise.all(proxies.map(proxy => proxy.refuse()))
    if (kept) await site.mustStay(leader, goneMs)
    else await stage.pause(goneMs)
    const at = monotonic()
    await Promise.all(proxies.map(proxy => proxy.pass()))
    if (kept) await site.mustStay(leader, 2 * site.timing.retryPeriod)
    else await mustBeGivenUp(site, mark, at)
  }
}

/** The leader has let go meanwhile; one of the same members leads again soon. */
async function mustBeGivenUp(site: Site, mark: number, at: number): Promise<void> {
  const { stage } = site
  const ended = await stage.until('the leader gives up', event => event.kind === 'ended', 1_000, mark)
  if (ended.at > at) throw new Error('the leader kept its term without a server')
  const next = await site.leader()
  // A server answers a little before whoever started it knows.
  stage.samples.push(Math.max(0, next.at - at))
  await site.mustStay(next, 2 * site.timing.retryPeriod)
}

/** The server is killed, or ends in order, and comes back with its data after so long. */
async function restartServer(stage: Stage, rounds: readonly number[], how: 'kill' | 'stop', goneMs: number) {
  const cluster = await ownServer(stage)
  const timing = stage.quick ? SHORT : DEFAULTS
  const site = await Site.open(stage, { cluster, timing })
  await site.startAll(MEMBERS)
  for (const _ of rounds) {
    await undisturbed(stage, async () => {
      await site.leader()
      await stage.pause(timing.retryPeriod * (1 + stage.random()))
      const mark = stage.mark()
      const downAt = monotonic()
      await cluster[how]()
      await stage.pause(Math.max(0, goneMs - (monotonic() - downAt)))
      await cluster.start()
      const at = monotonic()
      stage.note(`the server was away for ${(at - downAt).toFixed(0)} ms`)
      if (goneMs > timing.leaseDuration) await mustBeGivenUp(site, mark, at)
      else {
        // Whether the leader has kept its term depends on how fast the server was; that there is one does not.
        await stage.pause(1.5 * timing.retryPeriod)
        stage.samples.push(Math.max(0, (await site.leader()).at - at))
      }
    })
  }
}

/** A server that is away. Measured from its return. */
export const outages: readonly Scenario[] = [
  {
    name: 'server-blip',
    about: 'The server refuses everybody for 3.5 s: the leader keeps its term.',
    rounds: { full: 5, quick: 1 },
    lanes: 2,
    bounds: {},
    play: (stage, rounds) => refuseAll(stage, rounds, 3_500, true),
  },
  {
    name: 'server-gone',
    about:
      'The server refuses everybody for the renew deadline and 3 s: the leader gives up, then somebody leads again.',
    rounds: { full: 4, quick: 1 },
    lanes: 2,
    bounds: { max: recoveryBound(DEFAULTS) },
    play: (stage, rounds) => refuseAll(stage, rounds, DEFAULTS.renewDeadline + 3_000, false),
  },
  {
    name: 'server-killed',
    about: 'The server is killed and starts with its data a minute later: one of the same members leads again.',
    rounds: { full: 2, quick: 1 },
    bounds: { max: recoveryBound(DEFAULTS) },
    play: (stage, rounds) => restartServer(stage, rounds, 'kill', stage.quick ? 6_000 : 60_000),
  },
  {
    name: 'server-restarted',
    about: 'The server ends in order and starts again at once: the leader keeps its term or not, and there is one.',
    rounds: { full: 3, quick: 1 },
    bounds: { max: recoveryBound(DEFAULTS) },
    play: (stage, rounds) => restartServer(stage, rounds, 'stop', 0),
  },
]
