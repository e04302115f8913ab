import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { install, type Tarballs } from '../../scripts/built-form.ts'
import { must, ROOT } from '../../scripts/run.ts'
import { median, ratios, spread } from './arithmetic.ts'
import type { Measurement } from './measurement.ts'

const OURS = "import('@dromedary/core')"
const THEIRS = "Promise.all([import('zod'), import('pino'), import('rxjs')])"

/** What `import '@dromedary/core'` costs, built and installed, against its own libraries alone; processes take turns. */
export async function importCost(tarballs: Tarballs, quick: boolean): Promise<Measurement> {
  using installed = await install(tarballs, ['@dromedary/core'], librariesOf('zod', 'pino', 'rxjs'))
  const { folder } = installed
  const time = async (name: string) => Number(await must(process.execPath, [join(folder, name)], { cwd: folder }))
  writeFileSync(join(folder, 'ours.js'), timed(OURS))
  writeFileSync(join(folder, 'theirs.js'), timed(THEIRS))
  for (const name of ['ours.js', 'theirs.js']) await time(name)

  const ours: number[] = []
  const theirs: number[] = []
  for (let round = 0; round < (quick ? 3 : 15); round++) {
    // Turns change, so that neither of them always finds the caches that the other has warmed.
    for (const mine of round % 2 === 0 ? [true, false] : [false, true]) {
      if (mine) ours.push(await time('ours.js'))
      else theirs.push(await time('theirs.js'))
    }
  }
  const ratio = spread(ratios(ours, theirs))
  const figures = { coreMs: median(ours), librariesMs: median(theirs), ratio: ratio.median }
  const range = `(${ratio.min.toFixed(2)}–${ratio.max.toFixed(2)})`
  return {
    name: 'import',
    line: `import core ${figures.coreMs.toFixed(0)} ms, zod+pino+rxjs ${figures.librariesMs.toFixed(0)} ms, ratio ${ratio.median.toFixed(2)} ${range}`,
    figures,
  }
}

const timed = (code: string) =>
  `const start = performance.now()\nawait ${code}\nconsole.log(performance.now() - start)\n`

/** The versions that this workspace itself runs with. */
export function librariesOf(...names: string[]): Record<string, string> {
  const version = (name: string): string =>
    JSON.parse(readFileSync(join(ROOT, 'bench/node_modules', name, 'package.json'), 'utf8')).version
  return Object.fromEntries(names.map(name => [name, version(name)]))
}
