import type { ApiProxy } from '@dromedary/test-servers/kubernetes'
import type { LossEvent } from '../log/events.ts'
import type { Stage } from '../stage.ts'
import type { Scenario } from '../suite.ts'
import { undisturbed } from './disturbed.ts'
import { DEFAULTS, endsOf, expiryBound, SHORT } from './settings.ts'
import { Site } from './site.ts'

/** Ways in which a member cannot reach the server. */
export const CUTS: Readonly<Record<string, (proxy: ApiProxy) => Promise<void>>> = {
  refused: proxy => proxy.refuse(),
  'black-hole': proxy => proxy.blackHole(),
  '503': proxy => proxy.status(503),
  late: async proxy => proxy.delay(30_000),
  reset: proxy => proxy.reset(),
}

/** Timers may be late on a busy machine; what counts, `isValid()`, reads the clock. */
const LATE_MS = 100

/** Fails unless the old leader let go by itself before its hard end. */
function mustHaveEnded(site: Site, name: string, term: string, hardEnd: number): void {
  const ended = site.stage.events.find(
    (event): event is LossEvent => event.kind === 'ended' && event.member === name && event.term === term,
  )
  const late = ended && ended.at - hardEnd
  if (late === undefined || late > LATE_MS) throw new Error(`${name} ended ${late ?? 'never'} ms after its hard end`)
}

/** Cuts leaders off until another leads; then the old one, cured, must be as good as any other. */
async function cutLeaders(
  stage: Stage,
  rounds: readonly number[],
  cut: (proxy: ApiProxy) => Promise<void>,
): Promise<void> {
  const timing = stage.quick ? SHORT : DEFAULTS
  const site = await Site.open(stage, { timing })
  await site.startAll(2)
  for (const _ of rounds) {
    await undisturbed(stage, async () => {
      await site.heal()
      const leader = await site.betweenRenewals()
      const { proxy } = site.placeOf(leader.member)
      const mark = stage.mark()
      await cut(proxy)
      const next = await site.next(leader.member, mark)
      const sent = site.lastRenewal(leader.member)
      stage.samples.push(next.at - sent)
      mustHaveEnded(site, leader.member.name, leader.term, sent + endsOf(timing).hardEndAfterMs)
      await stage.pause(timing.retryPeriod * stage.random())
      await proxy.pass()
      await site.mustStay(next, 2.5 * timing.retryPeriod)
      const later = stage.mark()
      stage.terminate(next.member)
      const again = await site.next(next.member, later)
      if (again.member !== leader.member) throw new Error(`${leader.member.name} was to lead again`)
      await site.start()
    })
  }
}

/** Deletes pods of leaders by force: a moment later their tokens are worth nothing, though they run on. */
async function deletePods(stage: Stage, rounds: readonly number[]): Promise<void> {
  const timing = stage.quick ? SHORT : DEFAULTS
  const site = await Site.open(stage, { timing })
  await site.startAll(2)
  for (const _ of rounds) {
    const leader = await site.leader()
    const mark = stage.mark()
    await site.kubelet.deletePod(site.placeOf(leader.member).pod, { force: true })
    const next = await site.next(leader.member, mark)
    const sent = site.lastRenewal(leader.member)
    stage.samples.push(next.at - sent)
    mustHaveEnded(site, leader.member.name, leader.term, sent + endsOf(timing).hardEndAfterMs)
    await site.start()
    stage.kill(leader.member)
  }
}

/** Cuts a follower off for longer than a lease: nothing happens, and cured it is as good as before. */
async function cutFollowers(stage: Stage, rounds: readonly number[]): Promise<void> {
  const timing = stage.quick ? SHORT : DEFAULTS
  const site = await Site.open(stage, { timing })
  await site.startAll(2)
  for (const round of rounds) {
    await undisturbed(stage, async () => {
      await site.heal()
      const leader = await site.leader()
      const follower = site.running.find(member => member !== leader.member)
      if (!follower) throw new Error('there is no follower')
      const { proxy } = site.placeOf(follower)
      const ways = Object.entries(CUTS)
      const [name, cut] = ways[round % ways.length] ?? []
      await stage.pause(1_000)
      await cut?.(proxy)
      await site.mustStay(leader, 1.3 * timing.leaseDuration)
      await proxy.pass()
      // A watch that has become late is taken for dead after three changes that it did not tell.
      await site.mustStay(leader, 5 * timing.retryPeriod)
      const mark = stage.mark()
      const at = stage.terminate(leader.member)
      const took = (await site.next(leader.member, mark)).at - at
      stage.samples.push(took)
      stage.figures.push(`${name}: ${took.toFixed(1)} ms`)
      await site.start()
    })
  }
}

const SCENARIOS: Readonly<Record<string, string>> = {
  refused: 'connections are refused',
  'black-hole': 'nothing gets through and nothing ends',
  '503': 'everything is answered with 503',
  late: 'every answer comes 30 s late, though the requests arrive',
  reset: 'connections are reset',
}

/** One more renewal may arrive of which the leader never learns. */
const boundOf = (name: string) => expiryBound(DEFAULTS) + (name === 'late' ? DEFAULTS.retryPeriod : 0)

/** Members that cannot reach the server any more. Measured from the last renewal that the leader knows of. */
export const cuts: readonly Scenario[] = [
  ...Object.entries(SCENARIOS).map(([name, how]) => ({
    name: `cut-${name}`,
    about: `The leader is cut off, ${how}: it stops by its hard end, is followed, and cured leads again when asked.`,
    rounds: { full: 3, quick: 1 },
    lanes: 3,
    bounds: { max: boundOf(name) },
    play: (stage: Stage, rounds: readonly number[]) =>
      cutLeaders(stage, rounds, CUTS[name] ?? (() => Promise.resolve())),
  })),
  {
    name: 'cut-token',
    about: 'The pod of the leader is deleted by force, so that its token is refused: it stops by its hard end.',
    rounds: { full: 3, quick: 1 },
    lanes: 3,
    bounds: { max: expiryBound(DEFAULTS) },
    play: deletePods,
  },
  {
    name: 'cut-follower',
    about: 'A follower is cut off in each of these ways: nothing happens. Measured from a SIGTERM after its cure.',
    rounds: { full: Object.keys(CUTS).length, quick: 2 },
    lanes: Object.keys(CUTS).length,
    bounds: { max: 500 },
    play: cutFollowers,
  },
]
