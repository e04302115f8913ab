import { bareContender } from './bare.ts'
import { camelContender } from './camel.ts'
import type { Contender } from './contender.ts'
import { dromedaryContender } from './dromedary.ts'
import { camelIfThere } from './maven.ts'
import type { Options } from './options.ts'
import { type RouteResult, results } from './report.ts'
import { measure } from './rounds.ts'

export interface Comparison {
  /** Who took part, with versions. */
  readonly contenders: readonly string[]
  readonly routes: readonly RouteResult[]
}

/** Windows of half a second, five rounds, four seconds of warm-up for each contender and route: the JVM needs about three. */
const FULL = { rounds: 5, windowMs: 500, warmUp: 8 }
const QUICK = { rounds: 3, windowMs: 60, warmUp: 1 }

/** Dromedary, Camel and the bare pipeline by turns in one run. Without Java and Maven it says so, loudly, and goes on. */
export async function compareRoutes(options: Options, say: (text: string) => void): Promise<Comparison> {
  await using stack = new AsyncDisposableStack()
  const dromedary = stack.use(await dromedaryContender())
  const contenders: Contender[] = [dromedary]
  const camel = await camelIfThere(camelContender, say)
  if (camel !== undefined) contenders.push(stack.use(camel))
  contenders.push(stack.use(bareContender(dromedary.fresh)))
  const plan = { ...(options.quick ? QUICK : FULL), routes: options.routes }
  const paces = await measure(contenders, plan, options.quick ? () => {} : say)
  return { contenders: contenders.map(({ name, about }) => `${name}: ${about}`), routes: results(paces) }
}
