import type { Check } from '../health/check.ts'
import type { OverdueWork } from '../health/live.ts'
import type { LeaderView } from '../leadership/view.ts'

/** What the thread asks the application for, and what it gets. */
export interface Answers {
  readonly ready: readonly Check[]
  readonly health: readonly Check[]
  readonly leader: LeaderView
  readonly metrics: string
}

export type Question = keyof Answers

/** What the thread begins with. */
export interface ThreadData {
  readonly host: string
  readonly port: number
  readonly blockedLoopLimitMs: number
  /** Counts on with each pulse of the application's event loop; shared, so that it is seen without the loop's help. */
  readonly beats: Int32Array<SharedArrayBuffer>
}

export type ToThread =
  | { readonly type: 'answer'; readonly question: Question; readonly value: unknown }
  /** The question could not be answered; the application's log says why. */
  | { readonly type: 'no-answer'; readonly question: Question }
  | { readonly type: 'overdue'; readonly work: readonly OverdueWork[] }

export type FromThread =
  | { readonly type: 'listening'; readonly host: string; readonly port: number }
  | { readonly type: 'not-listening'; readonly code: string | undefined; readonly message: string }
  | { readonly type: 'ask'; readonly question: Question }

/** Between two pulses of the application's event loop. */
export const PULSE_MS = 100
