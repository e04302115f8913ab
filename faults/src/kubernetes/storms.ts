import type { Member } from '../launch.ts'
import { type Millis, monotonic } from '../log/events.ts'
import type { Leader, Stage } from '../stage.ts'
import type { Scenario } from '../suite.ts'
import { CUTS } from './cuts.ts'
import { DEFAULTS, SHORT, type Timing } from './settings.ts'
import { Site } from './site.ts'

const MEMBERS = 4
const ROUND_MS = 20_000

/** What may happen to a victim, and how often beside the others. */
interface Blow {
  readonly name: string
  readonly weight: number
  strike(site: Site, victim: Member): Promise<void>
}

/** One of several, evenly. */
const choice = <T>(site: Site, list: readonly T[]): T | undefined => list[Math.floor(site.stage.random() * list.length)]

async function kill(site: Site, victim: Member): Promise<void> {
  site.stage.kill(victim)
  await site.start()
}

async function killAndTell(site: Site, victim: Member): Promise<void> {
  const place = site.placeOf(victim)
  site.stage.kill(victim)
  await victim.process.exited
  await place.restarted()
  await site.start({ place })
}

async function terminate(site: Site, victim: Member): Promise<void> {
  site.stage.terminate(victim)
  await Promise.race([victim.process.exited, site.stage.pause(5_000)])
  await site.start()
}

/** For up to one and a half times its lease. */
async function freeze({ stage, timing }: Site, victim: Member): Promise<void> {
  stage.stop(victim)
  await stage.pause(1.5 * timing.leaseDuration * stage.random())
  stage.continue(victim)
  await stage.pause(300)
}

/** In any way, for up to one and a half times its lease. */
async function cut(site: Site, victim: Member): Promise<void> {
  const { proxy } = site.placeOf(victim)
  await choice(site, Object.values(CUTS))?.(proxy)
  await site.stage.pause(1.5 * site.timing.leaseDuration * site.stage.random())
  await proxy.pass()
}

/** By hand; only when every member has seen a leader, for who has not cannot know that there may be one. */
async function tamper(site: Site): Promise<void> {
  await site.allKnowLeader()
  const mark = site.stage.mark()
  if (site.stage.random() < 0.5) await site.lease.delete()
  else await site.lease.patch({ spec: { holderIdentity: '' } })
  await site.stage.until('the leader lets go', event => event.kind === 'ended', site.timing.leaseDuration, mark)
}

const BLOWS: readonly Blow[] = [
  { name: 'killed', weight: 2, strike: kill },
  { name: 'killed, as kubelet says', weight: 3, strike: killAndTell },
  { name: 'terminated', weight: 2, strike: terminate },
  { name: 'frozen', weight: 3, strike: freeze },
  { name: 'cut off', weight: 3, strike: cut },
  { name: 'the Lease tampered with', weight: 1, strike: tamper },
]
const LOTS = BLOWS.flatMap(blow => Array.from({ length: blow.weight }, () => blow))

/** One blow after the other; half of them hit the leader. After each, somebody must lead soon. */
async function storm(stage: Stage, rounds: readonly number[], timing: Timing): Promise<void> {
  const site = await Site.open(stage, { timing })
  await site.startAll(MEMBERS)
  const over = monotonic() + rounds.length * ROUND_MS
  while (monotonic() < over) {
    const leader = await site.leader()
    const victim = stage.random() < 0.5 ? leader.member : (choice(site, site.running) ?? leader.member)
    const blow = choice(site, LOTS)
    stage.note(`${victim.name} is ${blow?.name}`)
    const at = monotonic()
    await blow?.strike(site, victim)
    const next = await led(stage, leader, at)
    stage.samples.push(next)
    await stage.pause(timing.retryPeriod * stage.random())
  }
}

/** How long after the blow somebody led; 0 where the leader went on. */
async function led(stage: Stage, before: Leader, at: Millis): Promise<number> {
  const next = await stage.leader(60_000)
  return next.term === before.term ? 0 : Math.max(0, next.at - at)
}

/** A blow may come before the last one is forgotten: a watch is not open again, or a new member has not looked yet. */
const boundOf = ({ leaseDuration }: Timing) => 2 * leaseDuration + 5_000

const ABOUT =
  'Four members, hit at random: killed with and without kubelet’s word, ended, frozen, cut off, their Lease tampered with'

/** Blows at random for a while. Measured from each blow to the leader that is there when its victim is well again. */
export const storms: readonly Scenario[] = [
  {
    name: 'storm-short',
    about: `${ABOUT}; settings 3 s, 2 s, 0.5 s.`,
    rounds: { full: 15, quick: 1 },
    bounds: { max: boundOf(SHORT) },
    play: (stage, rounds) => storm(stage, rounds, SHORT),
  },
  {
    name: 'storm',
    about: `${ABOUT}; settings as they are by default.`,
    rounds: { full: 15, quick: 1 },
    bounds: { max: boundOf(DEFAULTS) },
    play: (stage, rounds) => storm(stage, rounds, DEFAULTS),
  },
]
