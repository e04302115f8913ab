import type { Contender, RouteName } from './contender.ts'
import { perSecond } from './window.ts'

export interface Plan {
  readonly routes: readonly RouteName[]
  readonly rounds: number
  readonly windowMs: number
  /** Windows of each contender and route before the first one that counts. */
  readonly warmUp: number
}

/** Rates per second by route and contender, one per round. */
export type Rates = ReadonlyMap<RouteName, ReadonlyMap<Contender['name'], readonly number[]>>

/**
 * Warms everything up, then lets the contenders take turns: in each round each of them has one window of each route, and
 * in each round another one begins. All routes are warm before the first is measured: code that has seen one route only
 * is faster than the same code in an application.
 */
export async function measure(
  contenders: readonly Contender[],
  plan: Plan,
  note: (text: string) => void,
): Promise<Rates> {
  for (let i = 0; i < plan.warmUp; i++) {
    note(`warm-up ${i + 1} of ${plan.warmUp}`)
    for (const route of plan.routes) for (const one of contenders) await one.window(route, plan.windowMs)
  }
  const rates = new Map(plan.routes.map(route => [route, new Map(contenders.map(one => [one.name, [] as number[]]))]))
  for (let round = 0; round < plan.rounds; round++) {
    note(`round ${round + 1} of ${plan.rounds}`)
    for (const route of plan.routes) {
      for (let turn = 0; turn < contenders.length; turn++) {
        const one = contenders[(round + turn) % contenders.length]
        if (one !== undefined)
          rates
            .get(route)
            ?.get(one.name)
            ?.push(perSecond(await one.window(route, plan.windowMs)))
      }
    }
  }
  return rates
}
