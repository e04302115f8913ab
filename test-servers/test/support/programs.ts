import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { temporaryFolder } from './folder.ts'

/** An environment with a cache of its own, in which certain programs exist, as shell scripts. */
export function environmentWith(programs: Readonly<Record<string, string>>) {
  const folder = temporaryFolder()
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(bin, name), 0o755)
  }
  // What scripts need, and none of the programs that are looked for.
  const tools = join(folder, 'tools')
  mkdirSync(tools)
  for (const name of ['cat', 'mkdir', 'sleep', 'echo', 'touch']) {
    writeFileSync(join(tools, name), `#!/bin/sh\nPATH=/usr/bin:/bin exec ${name} "$@"\n`)
    chmodSync(join(tools, name), 0o755)
  }
  return { folder, env: { DROMEDARY_CACHE: join(folder, 'cache'), PATH: [bin, tools].join(delimiter) } }
}
