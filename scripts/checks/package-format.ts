import { packAll } from '../built-form.ts'
import { run } from '../run.ts'

/** publint and are-the-types-wrong on each tarball, as a registry would get it. */
export async function packageFormat(): Promise<string | undefined> {
  using tarballs = await packAll()
  const complaints: string[] = []
  for (const [name, file] of tarballs.files) {
    const publint = await run('publint', ['run', file, '--strict'])
    if (publint.code !== 0) complaints.push(`publint ${name}\n${publint.output}`)
    const types = await run('attw', [file, '--profile', 'esm-only', '--no-emoji', '--no-color'])
    if (types.code !== 0) complaints.push(`attw ${name}\n${types.output}`)
  }
  return complaints.length === 0 ? undefined : complaints.join('\n')
}
