import type { Contender, RouteName } from './contender.ts'
import { type Pace, paceOf } from './window.ts'

export interface Plan {
  readonly routes: readonly RouteName[]
  readonly rounds: number
  readonly windowMs: number
  /** Windows of each contender and route before the first one that counts. */
  readonly warmUp: number
}

/** The pace of each round, by route and contender. */
export type Paces = ReadonlyMap<RouteName, ReadonlyMap<Contender['name'], readonly Pace[]>>

/**
 * Warms everything up, then lets the contenders take turns: in each round each of them has one window of each route, and
 * in each round another one begins. All routes are warm before the first is measured: code that has seen one route only
 * is faster than the same code in an application.
 */
export async function measure(
  contenders: readonly Contender[],
  plan: Plan,
  note: (text: string) => void,
): Promise<Paces> {
  for (let i = 0; i < plan.warmUp; i++) {
    note(`warm-up ${i + 1} of ${plan.warmUp}`)
    for (const route of plan.routes) for (const one of contenders) await one.window(route, plan.windowMs)
  }
  const paces = new Map(plan.routes.map(route => [route, new Map(contenders.map(one => [one.name, [] as Pace[]]))]))
  for (let round = 0; round < plan.rounds; round++) {
    note(`round ${round + 1} of ${plan.rounds}`)
    for (const route of plan.routes) {
      for (let turn = 0; turn < contenders.length; turn++) {
        const one = contenders[(round + turn) % contenders.length] as Contender
        const window = await one.window(route, plan.windowMs)
        paces.get(route)?.get(one.name)?.push(paceOf(window))
      }
    }
  }
  return paces
}
