import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { generatedPages, stalePages } from './docs/pages.ts'
import { ROOT } from './run.ts'

/** `node scripts/docs.ts` writes the generated pages of docs/reference; with `--check` it only says which are stale. */
if (process.argv.includes('--check')) {
  const stale = await stalePages()
  for (const page of stale) console.log(`stale: ${page}`)
  process.exitCode = stale.length === 0 ? 0 : 1
} else {
  for (const [page, text] of await generatedPages()) {
    mkdirSync(dirname(join(ROOT, page)), { recursive: true })
    writeFileSync(join(ROOT, page), text)
    console.log(page)
  }
}
