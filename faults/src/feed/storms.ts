import { startKafka } from '@dromedary/test-servers/kafka'
import type { DropHow } from 'feed-to-kafka/simulator'
import type { Stage } from '../stage.ts'
import type { Scenario } from '../suite.ts'
import { audit } from './audit.ts'
import { STALE_MS } from './settings.ts'
import { Site } from './site.ts'

const MEMBERS = 3
/** Blows of one round. */
const BLOWS = 6
const HOWS: readonly DropHow[] = ['end', 'reset', 'cut']

/** One of these at a time, mostly against the leader. */
const BLOW_KINDS = {
  async kill(site: Site) {
    const { member } = await site.working()
    const mark = site.stage.mark()
    site.stage.kill(member)
    await Promise.all([site.next(member, mark), site.start()])
  },
  async terminate(site: Site) {
    const { member } = await site.working()
    const mark = site.stage.mark()
    site.stage.terminate(member)
    await Promise.all([site.next(member, mark), site.start()])
  },
  async freeze(site: Site) {
    const { stage } = site
    const member = pick(site.running, stage.random)
    stage.stop(member)
    await stage.pause(1.5 * STALE_MS * stage.random())
    stage.continue(member)
  },
  async cut(site: Site) {
    const { stage } = site
    const { member } = await site.stage.leader()
    const proxy = site.proxyOf(member)
    await proxy[pick(['refuse', 'blackHole', 'holdAnswers', 'holdRequests'] as const, stage.random)]()
    await stage.pause(3_000 * stage.random())
    await proxy.pass()
  },
  async drop(site: Site) {
    site.feed.drop(pick(HOWS, site.stage.random))
  },
  async broker(site: Site) {
    const { broker, stage } = site
    await broker[pick(['kill', 'stop'] as const, stage.random)]()
    await stage.pause(500 * stage.random())
    await broker.start()
  },
  async pauseBroker(site: Site) {
    const { broker, stage } = site
    await broker.pause()
    await stage.pause(2_000 * stage.random())
    await broker.resume()
  },
} as const

function pick<T>(from: readonly T[], random: () => number): T {
  return from[Math.floor(random() * from.length)] as T
}

/** Blows at random; what was cut off and frozen is whole again after each. */
async function storm(stage: Stage, rounds: readonly number[]): Promise<void> {
  const broker = await startKafka({ ways: MEMBERS + 1 })
  stage.owned.use(broker)
  const site = await Site.open(stage, { broker, proxied: true, feed: { malformedEvery: 997 } })
  await site.startAll(MEMBERS)
  const kinds = Object.keys(BLOW_KINDS) as (keyof typeof BLOW_KINDS)[]
  const counts = new Map<string, number>()
  for (let left = rounds.length * BLOWS; left > 0; left--) {
    const kind = pick(kinds, stage.random)
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
    stage.note(`blow: ${kind}`)
    await BLOW_KINDS[kind](site)
    await site.pause(0, 1_500)
  }
  await site.working()
  await audit(site, { connectionsMayOverlap: true })
  stage.figures.push(`blows: ${[...counts].map(([kind, count]) => `${count} ${kind}`).join(', ')}`)
}

/** Everything at random. */
export const storms: readonly Scenario[] = [
  {
    name: 'storm',
    about: 'Three members: killed, stopped, frozen, cut off; the feed drops connections; the broker restarts, freezes.',
    rounds: { full: 12, quick: 1 },
    lanes: 2,
    bounds: {},
    play: storm,
  },
]
