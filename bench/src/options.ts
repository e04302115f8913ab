import { parseArgs } from 'node:util'
import { ROUTES, type RouteName } from './contender.ts'
import { FEED_PARTS, type FeedPart } from './feed/parts.ts'

/** The measurements beside the routes, each a file of its own. */
export const OTHERS = ['import', 'start', 'ship', 'depth', 'types', 'metrics', 'dev', 'kubernetes', 'feed'] as const
export type Other = (typeof OTHERS)[number]

export interface Options {
  readonly routes: readonly RouteName[]
  readonly others: readonly Other[]
  /** What of the feed is measured. */
  readonly feed: readonly FeedPart[]
  /** Shorter windows, fewer rounds: does it run at all? Its figures mean little. */
  readonly quick: boolean
  /** One JSON document on standard output instead of lines. */
  readonly json: boolean
}

export const USAGE = `pnpm bench [${ROUTES.join('|')} …] [routes] [${OTHERS.join('|')} …] [all] [--quick] [--json]
  ${FEED_PARTS.map(part => `feed:${part}`).join(', ')}: a part of feed alone
  without names: the routes, side by side with Camel and a bare pipeline
  all --quick leaves out kubernetes and feed, which need servers; kubernetes --quick and feed --quick do not`

const WITH_SERVERS: readonly Other[] = ['kubernetes', 'feed']

/** Throws an Error whose message is for people. */
export function parseOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { quick: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
  })
  const names = positionals.length > 0 ? positionals : ['routes']
  const known: readonly string[] = [...ROUTES, ...OTHERS, ...FEED_PARTS.map(partName), 'routes', 'all']
  const unknown = names.find(name => !known.includes(name))
  if (unknown !== undefined) throw new Error(`bench has no "${unknown}"\n${USAGE}`)
  const all = names.includes('all')
  const parts = FEED_PARTS.filter(part => names.includes(partName(part)))
  const named = parts.length > 0 ? [...names, 'feed'] : names
  // They need servers, which a quick run of everything cannot wait for.
  const others = OTHERS.filter(
    other => named.includes(other) || (all && !(values.quick && WITH_SERVERS.includes(other))),
  )
  const wanted = all || names.includes('feed') ? FEED_PARTS : parts
  return {
    routes: ROUTES.filter(route => all || names.includes('routes') || names.includes(route)),
    others,
    feed: others.includes('feed') ? wanted : [],
    quick: values.quick,
    json: values.json,
  }
}

const partName = (part: FeedPart): string => `feed:${part}`
