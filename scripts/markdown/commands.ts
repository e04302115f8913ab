import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseOptions } from '../../bench/src/options.ts'
import { parseCommandLine } from '../../faults/src/command-line.ts'
import { SUITES } from '../../faults/src/suites.ts'
import { messageOf } from '../../packages/core/src/index.ts'
import { checks } from '../checks/all.ts'
import { ROOT } from '../run.ts'
import { workspacePackages } from '../workspace.ts'
import { type CodeBlock, fileNameIn, type Page, problemAt, proseOf } from './files.ts'
import { NOT_RUN } from './programs.ts'

/** What readers have, or are told to install. */
const TOOLS =
  /^(?:npm|npx|yarn|corepack|kill|kubectl|docker|podman|curl|mkdir|cd|cp|ls|ps|id|openssl|git|export|Ctrl-C)$/
/** pnpm's own. */
const PNPM = /^(?:install|add|exec|dlx|pack|publish|deploy|create|init|audit|outdated|update|store)$/

/** A command as a page writes it, and where. */
interface Written {
  readonly file: string
  readonly line: number
  readonly text: string
}

/** What is wrong with the commands of a page: blocks of `sh`, and code in sentences that begins with pnpm. */
export function wrongCommands(page: Page, blocks: readonly CodeBlock[]): string[] {
  const own = blocks.filter(block => block.file === page.file)
  const written = [
    ...own.filter(({ language, note }) => language === 'sh' && !NOT_RUN.test(note)).flatMap(linesOf),
    ...inSentences(page),
  ]
  const files = own.map(fileNameIn)
  return written.flatMap(command => {
    try {
      understand(command, files)
      return []
    } catch (error) {
      return [problemAt(command, `\`${command.text}\`: ${messageOf(error)}`)]
    }
  })
}

/** In a block with prompts (`$ `) the other lines are what the commands print. */
function linesOf({ file, line, code }: CodeBlock): Written[] {
  const joined = code.replaceAll(/\\\n\s*/g, '')
  const lines = joined.split('\n').map((text, at) => ({ file, line: line + at, text: text.trim() }))
  const prompted = lines.filter(({ text }) => text.startsWith('$ '))
  if (prompted.length > 0) return prompted.map(one => ({ ...one, text: one.text.slice(2) }))
  return lines.filter(({ text }) => text !== '' && !text.startsWith('#'))
}

function inSentences(page: Page): Written[] {
  return proseOf(page)
    .split('\n')
    .flatMap((line, at) =>
      [...line.matchAll(/`((?:npx -y pnpm@12|pnpm) [^`]+)`/g)].map(([, text = '']) => ({ text, at })),
    )
    .map(({ text, at }) => ({ file: page.file, line: at + 1, text }))
}

function understand({ file, text }: Written, files: readonly (string | undefined)[]): void {
  for (const command of text.replace(/\s#.*$/, '').split(/\s*(?:&&|\|\|?|;)\s*/)) {
    const words = command.split(/\s+/).filter(word => word !== '')
    while (/^[A-Z_]+=/.test(words[0] ?? '')) words.shift()
    const [name = '', ...rest] = words
    if (name === 'npx' && rest[1]?.startsWith('pnpm@')) pnpm(rest.slice(2), file)
    else if (name === 'pnpm') pnpm(rest, file)
    else if (name === 'node') script(rest.find(word => !word.startsWith('-')) ?? '', file, files)
    else if (!TOOLS.test(name)) throw new Error(`${name} is no command that the checker knows`)
    for (const [i, word] of rest.entries())
      if (rest[i - 1] === '-f' && !/[<{]|:\/\//.test(word)) script(word, file, files)
  }
}

function script(path: string, file: string, files: readonly (string | undefined)[]): void {
  const places = [join(ROOT, dirname(file), path), join(ROOT, path)]
  if (!files.includes(path) && !places.some(existsSync)) throw new Error(`${path} does not exist`)
}

function pnpm(words: readonly string[], file: string): void {
  let manifest = manifestIn('.')
  let at = 0
  for (; words[at]?.startsWith('-'); at++) {
    const option = words[at]
    if (option === '--dir') manifest = packageOf(one => one.folder === words[at + 1])
    else if (option === '--filter') manifest = packageOf(one => one.manifest.name === words[at + 1])
    else if (option !== '-r') throw new Error(`${option} is no option of pnpm that the checker knows`)
    if (option !== '-r') at++
  }
  if (words[at] === 'run') at++
  const [name = '', ...rest] = words.slice(at)
  if (PNPM.test(name) || /[<…]/.test(name)) return
  // What the page of a package says is done in its folder.
  if (manifest.scripts?.[name] === undefined) manifest = scriptsBeside(file, name) ?? manifest
  if (manifest.scripts?.[name] === undefined) {
    throw new Error(`${manifest.name} has no script ${name}; it has ${Object.keys(manifest.scripts ?? {}).join(', ')}`)
  }
  if (manifest.name === 'dromedary' && rest.length > 0) argumentsOf[name]?.(rest.filter(word => !/[<…]/.test(word)))
}

const manifestIn = (folder: string): Manifest => JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'))

function scriptsBeside(file: string, name: string): Manifest | undefined {
  const folder = dirname(file)
  if (!existsSync(join(ROOT, folder, 'package.json'))) return undefined
  const manifest = manifestIn(folder)
  return manifest.scripts?.[name] === undefined ? undefined : manifest
}

interface Manifest {
  readonly name: string
  readonly scripts?: Readonly<Record<string, string>>
}

function packageOf(which: (one: ReturnType<typeof workspacePackages>[number]) => boolean): Manifest {
  const found = workspacePackages().find(which)
  if (found === undefined) throw new Error('there is no such package')
  return found.manifest as Manifest
}

/** The real readers of their command lines. */
const argumentsOf: Readonly<Record<string, (words: readonly string[]) => unknown>> = {
  faults: words => parseCommandLine(words, SUITES, 0),
  bench: parseOptions,
  check: words => {
    const names = checks.map(({ name }) => name)
    const unknown = words.find(word => !names.includes(word))
    if (unknown !== undefined) throw new Error(`check has no part ${unknown}; it has ${names.join(', ')}`)
  },
}
