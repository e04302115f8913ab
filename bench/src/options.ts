import { parseArgs } from 'node:util'
import { ROUTES, type RouteName } from './contender.ts'

/** The measurements beside the routes, each a file of its own. */
export const OTHERS = ['import', 'start', 'depth', 'types', 'kubernetes'] as const
export type Other = (typeof OTHERS)[number]

export interface Options {
  readonly routes: readonly RouteName[]
  readonly others: readonly Other[]
  /** Shorter windows, fewer rounds: does it run at all? Its figures mean little. */
  readonly quick: boolean
  /** One JSON document on standard output instead of lines. */
  readonly json: boolean
}

export const USAGE = `pnpm bench [${ROUTES.join('|')} …] [routes] [${OTHERS.join('|')} …] [all] [--quick] [--json]
  without names: the routes, side by side with Camel and a bare pipeline
  all --quick leaves out kubernetes, which needs an API server; kubernetes --quick does not`

/** Throws an Error whose message is for people. */
export function parseOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { quick: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
  })
  const names = positionals.length > 0 ? positionals : ['routes']
  const known: readonly string[] = [...ROUTES, ...OTHERS, 'routes', 'all']
  const unknown = names.find(name => !known.includes(name))
  if (unknown !== undefined) throw new Error(`bench has no "${unknown}"\n${USAGE}`)
  const all = names.includes('all')
  return {
    routes: ROUTES.filter(route => all || names.includes('routes') || names.includes(route)),
    // It needs an API server, which a quick run of everything cannot wait for.
    others: OTHERS.filter(other => names.includes(other) || (all && !(values.quick && other === 'kubernetes'))),
    quick: values.quick,
    json: values.json,
  }
}
