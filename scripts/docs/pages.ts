import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../run.ts'
import { clusterServicePages } from './cluster-services.ts'
import { componentPages } from './components.ts'
import { configurationPage } from './configuration.ts'
import { eipsPage } from './eips.ts'
import { errorsPage } from './errors.ts'
import { simplePage } from './simple.ts'

/** Every generated page: its path from the root, its text. */
export async function generatedPages(): Promise<ReadonlyMap<string, string>> {
  const pages = [...(await componentPages()), ...(await clusterServicePages())]
  return new Map([
    ['docs/reference/configuration.md', await configurationPage()],
    ['docs/reference/eips.md', eipsPage()],
    ['docs/reference/errors.md', await errorsPage()],
    ['docs/reference/simple.md', await simplePage()],
    ...pages,
  ])
}

/** Pages that are missing, differ from what would be generated, or are generated no more. */
export async function stalePages(): Promise<string[]> {
  const pages = await generatedPages()
  const changed = [...pages].filter(([page, text]) => {
    const file = join(ROOT, page)
    return !existsSync(file) || readFileSync(file, 'utf8') !== text
  })
  const left = globSync('docs/reference/{components,cluster-services}/*.md', { cwd: ROOT })
    .map(page => page.replaceAll('\\', '/'))
    .filter(page => !pages.has(page))
  return [...changed.map(([page]) => page), ...left].sort()
}
