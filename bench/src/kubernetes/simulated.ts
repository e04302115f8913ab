import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ROOT } from '../../../scripts/run.ts'
import { number, table, times } from '../table.ts'
import { CAMEL_MEASURED, camelRules, clientGoRules, type Size, sizeText, totalOf } from './rules.ts'

/** The simulated API server is no part of the published package, and no type of it is known here. */
const SIMULATION = join(ROOT, 'packages/cluster-kubernetes/test/support/load.ts')

/** What the simulation counts: requests a minute in steady state. */
interface Load {
  readonly total: number
  readonly leader: number
  readonly follower: number
  readonly kinds: Readonly<Record<string, number>>
}

export interface SimulatedLoad extends Load {
  readonly size: Size
}

const SIZES: readonly Size[] = [1, 50].flatMap(namespaces => [2, 10, 100].map(members => ({ members, namespaces })))

/** Above so many elections ten simulated minutes would take a minute of the real ones. */
const MANY = 1_000

/** What members ask of a simulated API server on a fake clock, which no load of this machine can disturb. */
export async function simulate(quick: boolean, report: (line: string) => void): Promise<SimulatedLoad[]> {
  const { requestsPerMinute } = await import(pathToFileURL(SIMULATION).href)
  const loads: SimulatedLoad[] = []
  for (const size of quick ? SIZES.slice(0, 1) : SIZES) {
    report(`simulating ${sizeText(size)}`)
    const { members, namespaces } = size
    const load: Load = await requestsPerMinute(members, namespaces, members * namespaces > MANY ? 2 : 10)
    loads.push({ ...load, size })
  }
  return loads
}

export function simulatedLines(loads: readonly SimulatedLoad[]): string[] {
  const camel = camelRules()
  const clientGo = clientGoRules()
  const rows = loads.map(({ size, leader, follower, total, kinds }) => {
    const others = [totalOf(camel, size), totalOf(clientGo, size)]
    const watches = watchesOf(kinds)
    return [
      sizeText(size),
      ...[leader, follower, watches, total, ...others].map(number),
      ...others.map(other => times(other / total)),
    ]
  })
  const head = ['members × namespaces', 'leader', 'follower', 'watches opened', 'all members', 'Camel', 'client-go']
  return [
    'API requests a minute, simulated on a fake clock (leader and follower: of one member about one namespace):',
    ...table([[...head, 'Camel ratio', 'client-go ratio'], ...rows]).map(indented),
    `   Camel by its rules: leader ${number(camel.leader)} (${number(camel.polls)} GET, ${number(camel.polls)} LIST pods, ${number(camel.writes)} PUT), follower ${number(camel.follower)}; measured once, 2 × 1: ${CAMEL_MEASURED.leader} and ${CAMEL_MEASURED.follower}`,
    `   client-go by its rules: leader ${number(clientGo.leader)} (PUT), follower ${number(clientGo.follower)} (GET)`,
    "   Dromedary has watches open instead, of the Leases and of leaders' pods: each renewal is pushed to each follower",
  ]
}

const watchesOf = (kinds: Load['kinds']): number =>
  Object.entries(kinds).reduce((sum, [kind, count]) => (kind.startsWith('watch ') ? sum + count : sum), 0)

const indented = (line: string) => `   ${line}`
