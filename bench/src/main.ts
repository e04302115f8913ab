import { packAll, type Tarballs } from '../../scripts/built-form.ts'
import { depth } from './depth.ts'
import { dev } from './dev.ts'
import { feed } from './feed/feed.ts'
import { importCost } from './import-cost.ts'
import { kubernetes } from './kubernetes/kubernetes.ts'
import { machine, warningOf } from './machine.ts'
import type { Measurement } from './measurement.ts'
import { metrics } from './metrics/metrics.ts'
import { type Options, type Other, parseOptions } from './options.ts'
import { footnote, line, type RouteResult, roundsLine } from './report.ts'
import { ship } from './ship/ship.ts'
import { compareRoutes } from './side-by-side.ts'
import { start } from './start.ts'
import { types } from './types.ts'

/** `pnpm bench`: see `USAGE` in `options.ts`. Exit code 1 when a figure could not be had, never for a slow one. */
async function main(options: Options): Promise<void> {
  const say = (text: string) => (options.json ? process.stderr : process.stdout).write(`${text}\n`)
  const on = machine()
  say(`${on.cores} cores, ${on.processor}, node ${on.node}, load ${on.load.toFixed(2)}`)
  const warning = warningOf(on)
  if (warning !== undefined) say(warning)
  const routes = options.routes.length > 0 ? await routesPart(options, say) : undefined
  const others = await othersPart(options, say)
  if (options.json) console.log(JSON.stringify({ machine: on, quick: options.quick, ...routes, others }, undefined, 2))
}

async function routesPart(options: Options, say: (text: string) => void) {
  const comparison = await compareRoutes(options, say)
  say(comparison.contenders.join('; '))
  for (const result of comparison.routes) for (const text of linesOf(result)) say(text)
  return comparison
}

const linesOf = (result: RouteResult): string[] =>
  [line(result), roundsLine(result), footnote(result.route)].filter(text => text !== undefined)

async function othersPart(options: Options, say: (text: string) => void): Promise<Measurement[]> {
  const measurements: Measurement[] = []
  using packed = options.others.some(isBuilt) ? await packAll() : undefined
  for (const other of options.others) {
    const measurement = await measureOther(other, packed, options)
    say(measurement.line)
    measurements.push(measurement)
  }
  return measurements
}

/** Whether it is about the packages as they are published. */
const isBuilt = (other: Other) => !['depth', 'dev', 'feed', 'metrics'].includes(other)

function measureOther(
  other: Other,
  tarballs: Tarballs | undefined,
  { quick, feed: parts }: Options,
): Promise<Measurement> {
  if (other === 'feed') return feed(parts, quick)
  if (other === 'metrics') return metrics(quick)
  if (other === 'dev') return dev(quick)
  if (other === 'depth' || tarballs === undefined) return depth(quick)
  switch (other) {
    case 'import':
      return importCost(tarballs, quick)
    case 'start':
      return start(tarballs, quick)
    case 'ship':
      return ship(tarballs, quick)
    case 'types':
      return types(tarballs, quick)
    case 'kubernetes':
      return kubernetes(tarballs, quick)
  }
}

try {
  await main(parseOptions(process.argv.slice(2)))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
