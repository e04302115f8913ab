import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { must, pnpm, ROOT } from './run.ts'

/**
 * `pnpm release:version`: changesets write versions and changelogs, then the one version that is written in code follows,
 * and the lockfile.
 */
await must('changeset', ['version'])
const { version } = JSON.parse(readFileSync(join(ROOT, 'packages/core/package.json'), 'utf8'))
const file = join(ROOT, 'packages/core/src/version.ts')
const source = readFileSync(file, 'utf8')
writeFileSync(file, source.replace(/(VERSION = )'[^']*'/, `$1'${version}'`))
// The documents for authors ask for what was just written.
for (const document of ['docs/writing-a-component.md', 'docs/writing-a-cluster-service.md']) {
  const at = join(ROOT, document)
  const text = readFileSync(at, 'utf8')
  writeFileSync(at, text.replaceAll(/("@dromedary\/[\w-]+": "\^)[^"]+/g, `$1${version}`))
}
await pnpm(['install', '--lockfile-only'])
console.log(`version ${version}: review the changelogs, then commit`)
