import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packAll, type Tarballs } from '../built-form.ts'
import { run } from '../run.ts'
import { publishedPackages } from '../workspace.ts'
import { filesIn, writeFiles } from './authors/extract.ts'

/** Each builds a package of its reader's own, block by block. */
const DOCUMENTS = ['docs/writing-a-component.md', 'docs/writing-a-cluster-service.md']

/** What the reader does when all files are written. */
const STEPS = [
  ['npx', '-y', 'pnpm@12', 'install', '--prefer-offline', '--no-frozen-lockfile', '--config.pmOnFail=ignore'],
  ['npx', '-y', 'pnpm@12', 'run', 'build'],
  ['npx', '-y', 'pnpm@12', 'run', 'test'],
  ['publint', 'run', '.', '--strict', '--pack', 'npm'],
] as const

/**
 * The packages that the authors' documents describe, built of their blocks outside of the workspace, from the packed
 * tarballs; their tests are the contract suites of `@dromedary/testing`.
 */
export async function authors(): Promise<string | undefined> {
  using tarballs = await packAll()
  const complaints: string[] = []
  for (const document of DOCUMENTS) {
    const complaint = await complaintAbout(document, tarballs)
    if (complaint !== undefined) complaints.push(`${document}: ${complaint}`)
  }
  return complaints.length === 0 ? undefined : complaints.join('\n')
}

async function complaintAbout(document: string, tarballs: Tarballs): Promise<string | undefined> {
  const files = filesIn(document)
  const stale = staleVersions(files.get('package.json') ?? '')
  if (stale.length > 0)
    return `its package.json asks for other versions than those that are published: ${stale.join(', ')}`
  const folder = mkdtempSync(join(tmpdir(), 'dromedary-author-'))
  try {
    writeFiles(folder, files)
    const overrides = [...tarballs.files].map(([name, file]) => `  '${name}': 'file:${file}'\n`)
    writeFileSync(
      join(folder, 'pnpm-workspace.yaml'),
      `allowBuilds: { esbuild: true }\noverrides:\n${overrides.join('')}`,
    )
    for (const [command, ...args] of STEPS) {
      const { code, output } = await run(command, args, { cwd: folder })
      if (code !== 0) return `${command} ${args.join(' ')} ended with ${code}\n${output}`
    }
    return undefined
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** `pnpm release:version` moves them. */
function staleVersions(manifest: string): string[] {
  const version = publishedPackages()[0]?.manifest.version
  return [...manifest.matchAll(/"(@dromedary\/[\w-]+)": "([^"]+)"/g)].flatMap(([, name, wanted]) =>
    wanted === `^${version}` ? [] : [`${name} ${wanted}`],
  )
}
