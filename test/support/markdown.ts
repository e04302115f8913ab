import { globSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { ROOT } from '../../scripts/run.ts'

const LEFT_OUT = ['node_modules', 'dist', 'build', 'target', '.git', '.cache', 'coverage']

/** Every Markdown file of the repository, relative to the root. */
export function markdownFiles(): string[] {
  return globSync(['*.md', '.changeset/*.md', '**/*.md'], { cwd: ROOT, exclude: name => LEFT_OUT.includes(name) })
    .map(file => file.replaceAll('\\', '/'))
    .filter((file, i, all) => all.indexOf(file) === i)
    .sort()
}

export interface CodeBlock {
  readonly file: string
  /** Of its first line of code, from 1. */
  readonly line: number
  readonly language: string
  readonly code: string
}

/** The fenced blocks of a Markdown file, also of those in a list. */
export function codeBlocks(file: string, text = readFileSync(join(ROOT, file), 'utf8')): CodeBlock[] {
  const blocks: CodeBlock[] = []
  for (const match of text.matchAll(/^([ \t]*)```([^\n]*)\n([\s\S]*?)^[ \t]*```[ \t]*$/gm)) {
    const [, indent = '', language = '', code = ''] = match
    const line = text.slice(0, match.index).split('\n').length + 1
    const plain = code.replaceAll(new RegExp(`^${indent}`, 'gm'), '')
    blocks.push({ file, line, language: language.trim(), code: plain })
  }
  return blocks
}

const FOLDERS = /^(?:packages|docs|examples|scripts|bench|faults|test-servers|\.ci|\.changeset)\//
const ROOT_FOLDERS = /^test\//

/**
 * The paths that a Markdown file names, relative to the root: its relative links, and code that begins with one of the
 * repository's folders, such as `packages/core`. A pattern or a placeholder names no single path.
 */
export function pathsIn(file: string, text = readFileSync(join(ROOT, file), 'utf8')): string[] {
  const prose = text.replaceAll(/^[ \t]*```[\s\S]*?^[ \t]*```[ \t]*$/gm, '')
  const folder = dirname(file)
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => decodeURI(link.replace(/#.*$/, '')))
    .filter(link => link !== '' && !/^[a-z]+:/i.test(link))
    .map(link => posix.join(folder, link))
  const named = [...prose.matchAll(/`([^`\n]+)`/g)]
    .map(([, code = '']) => code.replace(/:\d+$/, ''))
    .filter(code => !/[\s*<>{}…|]/.test(code))
    .filter(code => FOLDERS.test(code) || (folder === '.' && ROOT_FOLDERS.test(code)))
  return [...new Set([...links, ...named])]
}
