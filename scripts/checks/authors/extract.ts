import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { codeBlocks } from '../../markdown/files.ts'
import { ROOT } from '../../run.ts'

/** What a document describes: the files of a package, by their paths. */
export function filesIn(document: string, text = readFileSync(join(ROOT, document), 'utf8')): Map<string, string> {
  const files = new Map<string, string>()
  for (const { note, code, line } of codeBlocks({ file: document, text })) {
    // ```ts src/index.ts
    const path = /^(?:[\w-]+\/)*[\w.-]+\.\w+$/.exec(note)?.[0]
    if (path === undefined) continue
    if (files.has(path)) throw new Error(`${document}:${line} has a second block of ${path}`)
    files.set(path, code)
  }
  return files
}

/** Writes them as their reader would. */
export function writeFiles(folder: string, files: ReadonlyMap<string, string>): void {
  for (const [path, code] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), code)
  }
}
