import type { Scenario } from '../suite.ts'
import { EXPIRY_BOUND_MS, PATIENCE_MS, STALE_MS } from './settings.ts'

const HOUR_MS = 3_600_000

/** Whose clock is stepped, and which way. */
const CASES = [
  { whose: 'leader', stepMs: HOUR_MS },
  { whose: 'leader', stepMs: -HOUR_MS },
  { whose: 'follower', stepMs: HOUR_MS },
  { whose: 'follower', stepMs: -HOUR_MS },
] as const

/** Members with different settings: whose values are how much larger. */
const DIFFERENT = [
  { first: { staleMs: 8_000, updateMs: 3_500 }, second: {} },
  { first: {}, second: { staleMs: 8_000, updateMs: 3_500 } },
] as const

/** Clocks and settings that differ between members. */
export const clocks: readonly Scenario[] = [
  {
    name: 'clock-stepped',
    about: 'The wall clock of one member is stepped by an hour, either way; later the leader is killed.',
    rounds: { full: 2 * CASES.length, quick: CASES.length },
    fixed: true,
    lanes: CASES.length,
    bounds: { max: 100 },
    play: async (stage, rounds) => {
      await stage.startAll(3)
      for (const round of rounds) {
        const { whose, stepMs } = CASES[round % CASES.length] ?? CASES[0]
        const before = await stage.leader(PATIENCE_MS)
        const follower = stage.members.find(member => member.process.running && member !== before.member)
        const stepped = whose === 'leader' || !follower ? before.member : follower
        stage.note(`${stepped.name} steps its wall clock by ${stepMs} ms`)
        stage.tell(stepped, { do: 'wall', stepMs })
        await stage.pause(1.5 * STALE_MS)
        const leader = await stage.leader(PATIENCE_MS)
        if (whose === 'follower' && leader.term !== before.term)
          throw new Error('a stepped follower took a healthy lock')
        const mark = stage.mark()
        const at = stage.kill(leader.member)
        const next = await stage.nextLeader('another leads', PATIENCE_MS, mark, undefined, leader.member)
        stage.samples.push(next.at - at)
        await stage.start()
      }
    },
  },
  {
    name: 'different-settings',
    about:
      'A follower whose stale is shorter than the pause between the renewals of the leader, and the other way round.',
    rounds: { full: DIFFERENT.length, quick: DIFFERENT.length },
    fixed: true,
    lanes: DIFFERENT.length,
    bounds: { max: 8_000 + EXPIRY_BOUND_MS },
    play: async (stage, rounds) => {
      for (const round of rounds) {
        const { first, second } = DIFFERENT[round] ?? DIFFERENT[0]
        const leading = await stage.start({ settings: first })
        const leader = await stage.leader(PATIENCE_MS)
        await stage.start({ settings: second })
        await stage.pause(9_000)
        const still = await stage.leader(PATIENCE_MS)
        if (still.term !== leader.term) throw new Error('a healthy leader was replaced')
        const mark = stage.mark()
        const at = stage.stop(leading)
        const next = await stage.nextLeader('another leads', PATIENCE_MS, mark, undefined, leading)
        stage.samples.push(next.at - at)
        stage.continue(leading)
        await stage.pause(500)
      }
    },
  },
]
