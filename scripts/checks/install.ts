import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { packAll } from '../built-form.ts'
import { type RunOptions, run } from '../run.ts'
import { type Command, forget, type Manager, managers } from './install/managers.ts'
import { compile, type Project, project } from './install/project.ts'
import { secondCore } from './install/second-core.ts'
import { type Tools, tools } from './install/tools.ts'

/** None of the programs takes more than a second or two. */
const HANGS_MS = 120_000

/**
 * Empty projects install the tarballs, with each package manager; each entry point can be imported and a clustered route
 * runs, on each Node that is promised, and the types are right in both ways of finding them. The workspace is out of reach.
 */
export async function install(): Promise<string | undefined> {
  const ready = await tools()
  using tarballs = await packAll()
  const complaints: string[] = []
  for (const manager of managers) {
    using own = project(tarballs)
    // With PnP the packages are run from the cache.
    const complaint = await complaintAbout(manager, own, ready).finally(() => forget(manager))
    if (complaint !== undefined) complaints.push(`${manager.name}: ${complaint}`)
  }
  return complaints.length === 0 ? undefined : complaints.join('\n')
}

async function complaintAbout(manager: Manager, own: Project, ready: Tools): Promise<string | undefined> {
  return (
    (await installing(manager, own, ready)) ??
    (manager.hasFolders ? await compile(own) : undefined) ??
    (await running(manager, own, ready)) ??
    (manager.name === 'npm' ? secondCore(own, ready.nodes.oldest) : undefined)
  )
}

/** On the oldest Node, which yarn 1 compares with `engines`. */
async function installing(manager: Manager, { folder }: Project, ready: Tools): Promise<string | undefined> {
  const { lockfile } = manager
  if (lockfile !== undefined && existsSync(lockfile)) cpSync(lockfile, join(folder, 'yarn.lock'))
  const { code, output } = await start(manager.install(ready), { cwd: folder, pathFirst: [ready.nodes.oldest] })
  if (code !== 0) return `installing on the oldest Node\n${output}`
  if (lockfile !== undefined) cpSync(join(folder, 'yarn.lock'), lockfile)
  return undefined
}

async function running(manager: Manager, { folder }: Project, ready: Tools): Promise<string | undefined> {
  for (const [version, node] of Object.entries(ready.nodes)) {
    for (const script of ['entries.js', 'main.js', 'app.js']) {
      const { code, output } = await start(manager.run(ready, script), {
        cwd: folder,
        pathFirst: [node],
        timeout: HANGS_MS,
      })
      if (code !== 0) return `${script} on Node ${version} ended with ${code}\n${output}`
    }
  }
  return undefined
}

const start = ({ command, args, env }: Command, options: RunOptions) =>
  run(command, args, { ...options, env: { ...process.env, ...env } })
