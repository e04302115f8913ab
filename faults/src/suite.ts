import type { Stage } from './stage.ts'

/** What must hold for the takeover times and gaps of a scenario, in milliseconds. */
export interface Bounds {
  readonly p50?: number
  readonly p95?: number
  readonly max?: number
  /** Longest time between the end of a term and `isValid()` in the next. */
  readonly leaderless?: number
}

/** How often something is played, by the size of the run. */
export interface Rounds {
  readonly full: number
  /** 0: left out of a quick run, unless it is named. */
  readonly quick: number
}

/** One way of hurting a cluster. */
export interface Scenario {
  readonly name: string
  /** What is done, in one sentence. */
  readonly about: string
  readonly rounds: Rounds
  /** The number of rounds is the number of cases: `--runs` must not change it. */
  readonly fixed?: boolean
  /** Stages played side by side: for rounds that wait more than they work. Default 1. */
  readonly lanes?: number
  /** Measures milliseconds: nothing else of the suite may run beside it. */
  readonly alone?: boolean
  readonly bounds: Bounds
  /** Why it cannot be played on this machine; undefined where it can. */
  unavailable?(): string | undefined
  /**
   * Plays these rounds on a fresh stage. Throws what went wrong in words. Safety is not its business: the runner
   * judges the log of the stage. Where there are fewer cases than rounds it sets
   * `stage.runs`.
   */
  play(stage: Stage, rounds: readonly number[]): Promise<void>
}

/** A backend with what is done to it. */
export interface Suite {
  readonly name: string
  /** Module (URL) whose `createService` makes the cluster service in a member's process: a {@link ServiceFactory}. */
  readonly service: string
  /** What the factory gets, unless a scenario says otherwise. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly scenarios: readonly Scenario[]
  /** What its stages count that must stay 0, beside terms and exchanges: columns of the table, and in the last line. */
  readonly counters?: readonly string[]
  /** How many scenarios a quick run plays side by side, those apart that measure milliseconds. Default 4. */
  readonly sideBySide?: number
  /** Why nothing of it can be played on this machine; undefined where it can. */
  unavailable?(): string | undefined
  /** Makes what all stages share, such as a server; disposed of when everything was played. */
  open?(quick: boolean): Promise<AsyncDisposable>
}
