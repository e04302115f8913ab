import { cpSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../../run.ts'
import type { Project } from './project.ts'

/**
 * A project that has two cores after all, as a forced install leaves it: a component finds its own one below itself.
 * Of the same version that works; another version is refused, by name. What is wrong, or undefined.
 */
export async function secondCore({ folder }: Project, node: string): Promise<string | undefined> {
  const core = join(folder, 'node_modules/@dromedary/core')
  const second = join(folder, 'node_modules/@dromedary/timer/node_modules/@dromedary/core')
  cpSync(core, second, { recursive: true })
  const start = () => run('node', ['main.js'], { cwd: folder, pathFirst: [node] })
  try {
    const same = await start()
    if (same.code !== 0) return `a second core of the same version\n${same.output}`
    pretendVersion(second, '999.0.0')
    const other = await start()
    if (other.code === 0) return 'a second core of another version was not noticed'
    if (/component timer was made by @dromedary\/core 999\.0\.0/.test(other.output)) return undefined
    return `a second core of another version, noticed in other words\n${other.output}`
  } finally {
    rmSync(join(folder, 'node_modules/@dromedary/timer/node_modules'), { recursive: true })
  }
}

/** As if it had been published under it: in the manifest and in the code. */
function pretendVersion(folder: string, version: string): void {
  const { version: before } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  for (const file of ['package.json', ...globSync('lib/**/*.js', { cwd: folder })]) {
    const text = readFileSync(join(folder, file), 'utf8')
    writeFileSync(join(folder, file), text.replaceAll(`"${before}"`, `"${version}"`))
  }
}
