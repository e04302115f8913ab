import type { Window } from './window.ts'

/** The routes of the comparison. R1m is R1 behind `master:`; only Dromedary has it, and it is held against R1 of the others. */
export const ROUTES = ['R1', 'R2', 'R5', 'R7', 'R1m'] as const
export type RouteName = (typeof ROUTES)[number]

/** Somebody who can run the routes. */
export interface Contender extends AsyncDisposable {
  readonly name: 'dromedary' | 'camel' | 'bare'
  /** What stands behind the name: versions. */
  readonly about: string
  /**
   * Sends exchanges for `ms` milliseconds, one after the other, each of them fresh. Rejects when the counters of the
   * route do not prove that each exchange went all the way.
   */
  window(route: RouteName, ms: number): Promise<Window>
}

/** The route that a contender without `master:` runs in the place of R1m. */
export const plain = (route: RouteName): RouteName => (route === 'R1m' ? 'R1' : route)
