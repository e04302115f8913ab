import { messageOf } from '@dromedary/core'
import { monotonic } from './log/events.ts'
import { seeded } from './random.ts'
import { Stage } from './stage.ts'
import type { Bounds, Scenario, Suite } from './suite.ts'
import { type Summary, summarise } from './verdict/statistics.ts'

export interface RunOptions {
  readonly quick: boolean
  /** Overrides the number of rounds where it is not fixed by the cases. */
  readonly runs?: number
  readonly seed: number
  /** Keeps the folder of a stage on which something was broken. */
  readonly keep: boolean
}

export interface ScenarioResult {
  readonly scenario: string
  readonly about: string
  /** Why it was not played; undefined where it was. */
  readonly skipped?: string
  readonly runs: number
  readonly takeover: Summary
  readonly leaderlessMs: number
  readonly terms: number
  readonly exchanges: number
  readonly overlaps: readonly string[]
  readonly reused: readonly string[]
  readonly invalid: readonly string[]
  /** By the names of the suite's counters: must be 0. */
  readonly counts: Readonly<Record<string, number>>
  /** Bounds that were broken, and what else did not go as the scenario says. */
  readonly broken: readonly string[]
  /** What else was measured, in words. */
  readonly figures: readonly string[]
  readonly bounds: Bounds
  readonly seconds: number
}

/** A quick run shares its machine with the rest of a pipeline: time bounds are that many times wider, safety is not. */
const QUICK_SLACK = 5
/** But no wider than by this, milliseconds: what waits for seconds is not slowed down five times. */
const MOST_SLACK_MS = 10_000

/** How many scenarios a quick run plays side by side, unless the suite says otherwise. */
const QUICK_SCENARIOS = 4
/** How many stages each of them has at most. */
const QUICK_LANES = 2

/** What to play, and how. */
export interface Programme extends RunOptions {
  readonly suite: Suite
  readonly scenarios: readonly Scenario[]
}

/** Plays scenarios and gives their results in order; `done` hears each in that order as soon as it can. */
export async function runScenarios(
  programme: Programme,
  done: (result: ScenarioResult) => void,
): Promise<readonly ScenarioResult[]> {
  const { suite, scenarios, quick } = programme
  await using _ = suite.unavailable?.() === undefined ? await suite.open?.(quick) : undefined
  const results: (ScenarioResult | undefined)[] = []
  let told = 0
  const run = async (scenario: Scenario) => {
    results[scenarios.indexOf(scenario)] = await runScenario(suite, scenario, programme)
    for (let next = results[told]; next; next = results[told]) {
      told += 1
      done(next)
    }
  }
  const alone = (scenario: Scenario) => !quick || scenario.alone === true
  for (const scenario of scenarios.filter(alone)) await run(scenario)
  const rest = scenarios.filter(scenario => !alone(scenario))
  const worker = async () => {
    for (let next = rest.shift(); next; next = rest.shift()) await run(next)
  }
  await Promise.all(Array.from({ length: suite.sideBySide ?? QUICK_SCENARIOS }, worker))
  return results.filter(result => result !== undefined)
}

interface Lane {
  readonly stage: Stage
  readonly runs: number
  readonly error?: string
}

/** Plays one scenario and judges what its members wrote. */
export async function runScenario(suite: Suite, scenario: Scenario, options: RunOptions): Promise<ScenarioResult> {
  const started = monotonic()
  const { name, about } = scenario
  const bounds = options.quick ? widened(scenario.bounds) : scenario.bounds
  const skipped = suite.unavailable?.() ?? scenario.unavailable?.()
  // One that is named is played.
  const usual = options.quick ? Math.max(1, scenario.rounds.quick) : scenario.rounds.full
  const runs = scenario.fixed ? usual : (options.runs ?? usual)
  const lanes = skipped ? [] : await play(suite, scenario, runs, options)
  const totals = { terms: 0, exchanges: 0, leaderlessMs: 0 }
  const overlaps: string[] = []
  const reused: string[] = []
  const invalid: string[] = []
  const broken: string[] = []
  const figures = lanes.flatMap(lane => lane.stage.figures)
  const counts = Object.fromEntries((suite.counters ?? []).map(counter => [counter, 0]))
  for (const { stage, error } of lanes) {
    const verdict = await stage.judge()
    totals.terms += verdict.terms.length
    totals.exchanges += verdict.exchanges
    totals.leaderlessMs = Math.max(totals.leaderlessMs, verdict.leaderlessMs)
    overlaps.push(...verdict.overlaps)
    reused.push(...verdict.reused)
    invalid.push(...verdict.invalid)
    if (error !== undefined) broken.push(error)
    broken.push(...stage.faults)
    for (const [counter, count] of stage.counts) counts[counter] = (counts[counter] ?? 0) + count
    const found = [verdict.overlaps, verdict.reused, verdict.invalid, stage.faults]
    const bad = error !== undefined || found.some(list => list.length > 0) || sum(stage.counts.values()) > 0
    const keep = options.keep && bad
    if (keep) broken.push(`the log is kept in ${stage.folder}`)
    await stage.close(keep)
  }
  const takeover = summarise(lanes.flatMap(lane => lane.stage.samples))
  if (!skipped) broken.push(...brokenBounds(takeover, totals.leaderlessMs, bounds))
  // A run in which nobody led or nothing was sent would pass every rule and prove none.
  if (!skipped && (totals.terms === 0 || totals.exchanges === 0)) broken.push('nobody led, or nothing was sent')
  const seconds = (monotonic() - started) / 1000
  return {
    scenario: name,
    about,
    ...(skipped === undefined ? {} : { skipped }),
    runs: lanes.reduce((sum, lane) => sum + lane.runs, 0),
    takeover,
    ...totals,
    overlaps,
    reused,
    invalid,
    counts,
    broken,
    figures,
    bounds,
    seconds,
  }
}

async function play(suite: Suite, scenario: Scenario, runs: number, options: RunOptions): Promise<Lane[]> {
  const count = Math.min(scenario.lanes ?? 1, runs, options.quick ? QUICK_LANES : Number.POSITIVE_INFINITY)
  return Promise.all(
    Array.from({ length: count }, async (_, lane) => {
      const rounds = Array.from({ length: runs }, (_, round) => round).filter(round => round % count === lane)
      const random = seeded(options.seed + lane)
      const { service, settings } = suite
      const stage = new Stage({ service, settings, random, quick: options.quick })
      try {
        await scenario.play(stage, rounds)
        return { stage, runs: stage.runs ?? rounds.length }
      } catch (error) {
        return { stage, runs: rounds.length, error: messageOf(error) }
      } finally {
        stage.finish()
      }
    }),
  )
}

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, number) => total + number, 0)

const widened = (bounds: Bounds): Bounds =>
  Object.fromEntries(
    Object.entries(bounds).map(([key, value]) => [key, Math.min(value * QUICK_SLACK, value + MOST_SLACK_MS)]),
  )

/** Of fewer samples the 95th percentile is the largest of them, and for that one there is `max`. */
const SAMPLES_FOR_P95 = 20

function brokenBounds(takeover: Summary, leaderlessMs: number, bounds: Bounds): string[] {
  const measured = { p50: takeover.p50, p95: takeover.p95, max: takeover.max, leaderless: leaderlessMs }
  return Object.entries(bounds).flatMap(([key, bound]) => {
    if (key === 'p95' && takeover.count > 0 && takeover.count < SAMPLES_FOR_P95) return []
    const value = measured[key as keyof Bounds]
    return value <= bound ? [] : [`${key} is ${value.toFixed(1)} ms, more than ${bound} ms`]
  })
}
