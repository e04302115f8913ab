import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { systemClock } from '@dromedary/core'
import { MemberGroup, type MemberProcess } from '@dromedary/testing/harness'
import { percentile, spread } from './arithmetic.ts'
import { EXAMPLE_SOURCE } from './example.ts'
import type { Measurement } from './measurement.ts'

/** The two routes of the example; the second one is behind `master:`, and led by this member. */
const ROUTES = { heartbeat: 'HeartBeating route', clustered: 'Clustered route' } as const
type Name = keyof typeof ROUTES

/**
 * From the moment before a file is saved to the first exchange of the route that changed in it, in the example in dev mode;
 * and what one would wait for without: the start of the example to the first exchange of that route.
 */
export async function dev(quick: boolean): Promise<Measurement> {
  using project = copyOfExample()
  await using members = new MemberGroup({ env: { CLUSTER_FILE_ROOT: join(project.folder, 'cluster') } })
  const cold: number[] = []
  // The first one fills the compile cache.
  for (let round = -1; round < (quick ? 1 : 5); round++) {
    const took = await coldStart(members, project)
    if (round >= 0) cold.push(took)
  }
  const member = await members.spawn({ script: project.path('src/dev.ts') })
  await member.waitForLine(ROUTES.clustered)
  const saves: Record<Name, number[]> = { heartbeat: [], clustered: [] }
  for (let round = -2; round < (quick ? 3 : 100); round++) {
    for (const name of ['heartbeat', 'clustered'] as const) {
      const took = await saveToExchange(member, project, name, round)
      if (round >= 0) saves[name].push(took)
    }
  }
  await member.stop()
  const restarts = member.lines.matching('leader of camel-master is this member').length
  if (restarts !== 1) throw new Error(`the member became leader ${restarts} times: a change cost it its leadership`)

  const text = (values: readonly number[]) =>
    `p50 ${percentile(values, 0.5).toFixed(0)} ms, p95 ${percentile(values, 0.95).toFixed(0)}, max ${Math.max(...values).toFixed(0)}`
  const { median, min, max } = spread(cold)
  return {
    name: 'dev',
    line: [
      `save to first exchange of the changed route (${saves.heartbeat.length} saves each): ${text(saves.heartbeat)}`,
      `   behind master:, in the same term: ${text(saves.clustered)}`,
      `   start of the example to the first exchange: ${median.toFixed(0)} ms (${min.toFixed(0)}–${max.toFixed(0)})`,
    ].join('\n'),
    figures: {
      saveP50Ms: percentile(saves.heartbeat, 0.5),
      saveP95Ms: percentile(saves.heartbeat, 0.95),
      saveMaxMs: Math.max(...saves.heartbeat),
      ledP50Ms: percentile(saves.clustered, 0.5),
      ledP95Ms: percentile(saves.clustered, 0.95),
      ledMaxMs: Math.max(...saves.clustered),
      coldMs: median,
    },
  }
}

interface Project extends Disposable {
  readonly folder: string
  path(name: string): string
}

/** Its timers fire at once, not a second after their start as Camel's do: that second is nobody's merit. */
function copyOfExample(): Project {
  const example = dirname(dirname(EXAMPLE_SOURCE))
  const folder = mkdtempSync(join(tmpdir(), 'dromedary-bench-dev-'))
  const path = (name: string) => join(folder, name)
  for (const name of ['src', 'package.json', 'application.yaml']) {
    cpSync(join(example, name), path(name), { recursive: true })
  }
  symlinkSync(join(example, 'node_modules'), path('node_modules'))
  const routes = readFileSync(path('src/routes.ts'), 'utf8')
  writeFileSync(path('src/routes.ts'), routes.replaceAll(/\?period=\d+s/g, '$&&delay=0'))
  return { folder, path, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) }
}

async function coldStart(members: MemberGroup, project: Project): Promise<number> {
  const before = systemClock.monotonic()
  const member = await members.spawn({ script: project.path('src/main.ts') })
  const { at } = await member.waitForLine(ROUTES.heartbeat)
  await member.stop()
  return at - before
}

async function saveToExchange(member: MemberProcess, project: Project, name: Name, round: number): Promise<number> {
  const file = project.path('src/routes.ts')
  const said = `${ROUTES[name]} (round ${round})`
  const text = readFileSync(file, 'utf8').replace(new RegExp(`${ROUTES[name]} \\([^)]*\\)`), said)
  const before = systemClock.monotonic()
  writeFileSync(file, text)
  const { at } = await member.waitForLine(said)
  return at - before
}
