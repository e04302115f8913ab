import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The licences of the packages that these files belong to, one after the other: whoever gets the bundle gets them too. */
export function licencesOf(files: readonly string[]): string {
  const folders = new Set(files.flatMap(file => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []))
  const texts = [...folders].map(folder => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const [file] = globSync('{LICENSE,LICENCE,license,licence}*', { cwd: folder })
    const text = file === undefined ? '' : `\n\n${readFileSync(join(folder, file), 'utf8').trim()}`
    return `${name} ${version}: ${license}${text}\n`
  })
  return texts.sort().join(`\n${'-'.repeat(80)}\n\n`)
}
