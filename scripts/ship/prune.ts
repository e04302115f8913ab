import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/**
 * What Node never loads from `node_modules`. TypeScript: it refuses to run it there, and declarations are for compilers.
 * Source maps: only with `--enable-source-maps`, and none of the code is minified. `.bare`: addons of another runtime.
 */
const NEVER_LOADED =
  /\.([cm]?ts|map|flow|bare|tsbuildinfo)$|^(readme|changelog|history|changes|contributing|security)(\.\w+)?$/i

/** Takes away what never runs, and what tells about the machine that installed it. Licences stay. */
export function prune(folder: string, top = true): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    // Of the package manager: links to commands, its records.
    const installers = top && entry.name.startsWith('.')
    if (installers || (entry.isFile() && NEVER_LOADED.test(entry.name))) rmSync(path, { recursive: true })
    else if (entry.isDirectory()) prune(path, false)
  }
  if (!top && readdirSync(folder).length === 0) rmSync(folder, { recursive: true })
}
