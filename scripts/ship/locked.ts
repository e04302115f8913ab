import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { ROOT } from '../run.ts'

/**
 * Versions of the lockfile by package, of those that it has in one version only: what is shipped is what was tested.
 * Where it has several, the ranges decide, as they did for the lockfile.
 */
export function lockedVersions(text = readFileSync(join(ROOT, 'pnpm-lock.yaml'), 'utf8')): Record<string, string> {
  const versions = new Map<string, string[]>()
  for (const key of Object.keys(parse(text).packages)) {
    const [, name = '', version = ''] = /^(@?[^@]+)@(\d[^(]*)/.exec(key) ?? []
    if (name !== '') versions.set(name, [...(versions.get(name) ?? []), version])
  }
  const single = [...versions].flatMap(([name, all]) => (all.length === 1 ? [[name, all[0] as string] as const] : []))
  return Object.fromEntries(single)
}
