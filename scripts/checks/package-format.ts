import { packAll } from '../built-form.ts'
import { run } from '../run.ts'
import { publishedPackages } from '../workspace.ts'
import { complaintsAbout, readTarball } from './published.ts'

/** What a registry would get: each tarball by our own rules, publint and are-the-types-wrong, and publishing without doing it. */
export async function packageFormat(): Promise<string | undefined> {
  using tarballs = await packAll()
  const complaints: string[] = []
  for (const [name, file] of tarballs.files) {
    for (const complaint of complaintsAbout(await readTarball(file))) complaints.push(`${name} ${complaint}`)
    const publint = await run('publint', ['run', file, '--strict'])
    if (publint.code !== 0) complaints.push(`publint ${name}\n${publint.output}`)
    const types = await run('attw', [file, '--profile', 'esm-only', '--no-emoji', '--no-color'])
    if (types.code !== 0) complaints.push(`attw ${name}\n${types.output}`)
  }
  complaints.push(...(await dryRun()))
  return complaints.length === 0 ? undefined : complaints.join('\n')
}

/** Whether the branch is clean is the release's own matter, not that of a check before a commit. */
async function dryRun(): Promise<string[]> {
  const args = ['-y', 'pnpm@12', 'publish', '-r', '--dry-run', '--no-git-checks', '--no-color']
  const { code, output } = await run('npx', args)
  const names = publishedPackages().map(({ manifest }) => manifest.name)
  const complaints = dryRunComplaints(output, names)
  if (code !== 0) complaints.push(`pnpm publish -r --dry-run ended with ${code}\n${output}`)
  return complaints
}

/** The only lines that a dry run may say, of each package once; `nothing new` where all versions are out already. */
export function dryRunComplaints(output: string, names: readonly string[]): string[] {
  const lines = output.split('\n').filter(line => line.trim() !== '')
  if (lines.length === 1 && /no new packages/i.test(lines[0] ?? '')) return []
  const announced = /^\S+ (@?[\w./-]+)@\S+ → https?:\/\/\S+$/
  const skipped = /Skip publishing (@?[\w./-]+)@\S+ \(dry run\)$/
  const surprises = lines.filter(line => !announced.test(line) && !skipped.test(line))
  const said = lines.flatMap(line => skipped.exec(line)?.[1] ?? [])
  const unknown = said.filter(name => !names.includes(name))
  const missing = names.filter(name => !said.includes(name))
  return [
    ...surprises.map(line => `a dry run of publishing says: ${line}`),
    ...unknown.map(name => `a dry run of publishing would publish ${name}`),
    ...missing.map(name => `a dry run of publishing leaves out ${name}`),
  ]
}
