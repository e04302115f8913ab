import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'

/** What is in the environment of a process. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Where built servers are kept: `DROMEDARY_CACHE`, else `dromedary` in `XDG_CACHE_HOME`, else in `~/.cache`. */
export function cacheFolder(env: Environment = process.env): string {
  return env['DROMEDARY_CACHE'] || join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'dromedary')
}

/** Sixteen hex digits that change with the content of any of the files, and with whatever else decides about the result. */
export function cacheKey(files: readonly string[], settings: unknown): string {
  const hash = createHash('sha256').update(JSON.stringify(settings))
  for (const file of files) {
    const content = readFileSync(file)
    // With its length, or text could move from one file to the next without a change of the whole.
    hash.update(`\n${basename(file)} ${content.length}\n`).update(content)
  }
  return hash.digest('hex').slice(0, 16)
}
