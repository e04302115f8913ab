import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../run.ts'

const LEFT_OUT = ['node_modules', 'dist', 'build', 'target', '.git', '.cache', 'coverage']

/** Every Markdown file of the repository, relative to the root. */
export function markdownFiles(): string[] {
  return globSync(['*.md', '.changeset/*.md', '**/*.md'], { cwd: ROOT, exclude: name => LEFT_OUT.includes(name) })
    .map(file => file.replaceAll('\\', '/'))
    .filter((file, i, all) => all.indexOf(file) === i)
    .sort()
}

/** A Markdown file with its text. */
export interface Page {
  /** Relative to the root. */
  readonly file: string
  readonly text: string
}

export const pages = (): Page[] => markdownFiles().map(file => ({ file, text: readFileSync(join(ROOT, file), 'utf8') }))

/** A fenced block. */
export interface CodeBlock {
  readonly file: string
  /** Of its first line of code, from 1. */
  readonly line: number
  /** The first word behind the fence: `ts`. Empty where there is none. */
  readonly language: string
  /** What stands behind that word: `not run: needs a broker`. */
  readonly note: string
  /** Without the indentation of the list that it may stand in. */
  readonly code: string
}

const FENCED = /^([ \t]*)```([^\n]*)\n([\s\S]*?)^[ \t]*```[ \t]*$/gm

/** The fenced blocks of a Markdown file, also of those in a list. */
export function codeBlocks({ file, text }: Page): CodeBlock[] {
  const blocks: CodeBlock[] = []
  for (const match of text.matchAll(FENCED)) {
    const [, indent = '', info = '', code = ''] = match
    const line = text.slice(0, match.index).split('\n').length + 1
    const [, language = '', note = ''] = /^(\S*)\s*(.*)$/.exec(info.trim()) ?? []
    blocks.push({ file, line, language, note, code: code.replaceAll(new RegExp(`^${indent}`, 'gm'), '') })
  }
  return blocks
}

/**
 * The file that a block is: `ts src/routes.ts` behind the fence, or `// src/routes.ts` in its first line, where readers
 * see it too. Blocks of a page that are files lie together, and may import each other.
 */
export const fileNameIn = ({ note, code }: CodeBlock): string | undefined =>
  FILE_NAME.exec(note)?.[0] ?? /^(?:\/\/|#) ([\w./-]+\.\w+)\n/.exec(code)?.[1]

const FILE_NAME = /^(?:[\w-]+\/)*[\w.-]+\.\w+$/

/** Pages that describe a whole package, its `package.json` included: `pnpm check authors` builds and tests what they say. */
export const projectPages = (blocks: readonly CodeBlock[]): ReadonlySet<string> =>
  new Set(blocks.filter(({ language, note }) => language === 'json' && note === 'package.json').map(({ file }) => file))

/** The text without its fenced blocks; lines keep their numbers. */
export const proseOf = ({ text }: Page): string => text.replaceAll(FENCED, block => block.replaceAll(/[^\n]/g, ''))

/** `docs/x.md:12: what is wrong` */
export const problemAt = (place: { readonly file: string; readonly line: number }, text: string): string =>
  `${place.file}:${place.line}: ${text}`
