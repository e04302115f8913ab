import { globSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { ROOT } from '../../scripts/run.ts'

/** An import, or a re-export, as it stands in a file. */
export interface Import {
  /** The file that holds it, relative to the root. */
  readonly file: string
  /** What is written between the quotes. */
  readonly specifier: string
  /** `import type` and `export type`: gone at run time. */
  readonly typeOnly: boolean
  /** For a relative one: the file it means, relative to the root. */
  readonly target: string | undefined
}

const STATEMENT = /^\s*(?:import|export)\s+(type\s+)?(?:[^'"`;]*?\sfrom\s+)?['"]([^'"]+)['"]/gm
const DYNAMIC = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g

/** The TypeScript files under a folder of the repository, relative to the root. */
export function sources(folder: string): string[] {
  return globSync(`${folder}/**/*.ts`, { cwd: ROOT, exclude: name => name === 'node_modules' || name === 'dist' })
    .map(file => file.replaceAll('\\', '/'))
    .sort()
}

/** Everything that a file imports. What stands in comments and in template strings does not count. */
export function importsOf(file: string): Import[] {
  const text = codeOf(readFileSync(join(ROOT, file), 'utf8'))
  const found: Import[] = []
  for (const [, type, specifier] of text.matchAll(STATEMENT)) {
    if (specifier !== undefined) found.push(importOf(file, specifier, type !== undefined))
  }
  for (const [, specifier] of text.matchAll(DYNAMIC)) {
    if (specifier !== undefined) found.push(importOf(file, specifier, false))
  }
  return found
}

function importOf(file: string, specifier: string, typeOnly: boolean): Import {
  const target = specifier.startsWith('.') ? posix.join(dirname(file), specifier) : undefined
  return { file, specifier, typeOnly, target }
}

const codeOf = (text: string) =>
  text
    .replaceAll(/^\s*\/\*[\s\S]*?\*\//gm, '')
    .replaceAll(/^\s*\/\/.*$/gm, '')
    .replaceAll(/`(?:[^`\\]|\\.)*`/gs, '``')

/** `zod` of `zod/mini`, `@dromedary/core` of `@dromedary/core/cluster`. */
export const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
