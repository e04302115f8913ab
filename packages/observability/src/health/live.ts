import type { Check } from './check.ts'

/** Work of a term that has ended, and that goes on beyond its deadline. */
export interface OverdueWork {
  readonly namespace: string
  readonly term: bigint
  /** The route. */
  readonly participant: string
}

/** Whether the event loop has its turns: work that blocks it for good is ended by a restart alone. */
export function loopCheck(blockedMs: number, limitMs: number): Check {
  const status = blockedMs > limitMs ? 'DOWN' : 'UP'
  return { name: 'event-loop', status, data: { 'blocked.ms': Math.round(blockedMs), 'limit.ms': limitMs } }
}

/** Whether everything of terms that have ended has ended too: what hangs there holds its route, and only a restart frees it. */
export function drainCheck(overdue: readonly OverdueWork[]): Check {
  const lines = overdue.map(({ namespace, term, participant }) => [
    `${namespace}/${participant}`,
    `still works on term ${term}, which has ended`,
  ])
  return { name: 'drain', status: overdue.length === 0 ? 'UP' : 'DOWN', data: Object.fromEntries(lines) }
}
