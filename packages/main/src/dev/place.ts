import { execFile } from 'node:child_process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { placeOfError, type SourcePlace } from '@dromedary/core'
import { linesOf } from './code-frame.ts'
import { placeInJson } from './json-place.ts'
import { ModuleGraph } from './module-graph.ts'
import type { IsOurs, LoadTrace } from './module-hooks.ts'

/** Finds the place in the project's sources that an error is about; undefined when it is about none. */
export async function placeOf(error: unknown, isOurs: IsOurs, trace: LoadTrace): Promise<SourcePlace | undefined> {
  const ofRoute = placeOfError(error)
  if (ofRoute !== undefined) return ofRoute
  if (!(error instanceof Error)) return undefined
  const { stack = '' } = error
  if (trace.missing?.error === error) return ofImport(trace.missing.importer, trace.missing.specifier)
  return (
    ofHeadline(stack) ??
    placeInJson(error) ??
    (stack.includes('compileSourceTextModule') ? await ofSyntaxError(trace.lastRead) : undefined) ??
    ofFrame(stack, isOurs) ??
    (await placeOf(error.cause, isOurs, trace))
  )
}

/** `file:///srv/app/routes.ts?dromedary=3:5`, the line, and a line with a caret: what Node puts before the stack of a syntax error. */
function ofHeadline(stack: string): SourcePlace | undefined {
  const [head = '', ...rest] = stack.split('\n', 6)
  const match = /^((?:file:\/\/|\/|[A-Za-z]:\\).+):(\d+)$/.exec(head)
  if (match === null) return undefined
  const marks = rest.findIndex(line => /^\s*\^+\s*$/.test(line))
  // Without a mark it is the end of the line: something is missing there.
  const column = marks < 0 ? (rest[0] ?? '').length : (rest[marks] as string).indexOf('^')
  return { file: pathOf(match[1] as string), line: Number(match[2]), column: column + 1 }
}

/** With a URL or, in a CommonJS module, a path; either may have brackets in it, the path also spaces. */
const FRAME = /[\s(]((?:file:\/\/|\/|[A-Za-z]:\\)[^<\n]+?):(\d+):(\d+)\)?$/gm

/** The first frame of the stack that is in the project. */
export function ofFrame(stack: string, isOurs: IsOurs): SourcePlace | undefined {
  for (const [, at = '', line, column] of stack.matchAll(FRAME)) {
    const url = at.startsWith('file:') ? at : pathToFileURL(at).href
    if (isOurs(url)) return { file: shared(pathOf(url)), line: Number(line), column: Number(column) }
  }
  return undefined
}

/** One string for all places: a piece of a stack trace would hold the whole of it. */
const strings = new Map<string, string>()

function shared(text: string): string {
  let known = strings.get(text)
  if (known === undefined) {
    // Copied, by way of bytes: a slice of a long string is a view of it.
    known = Buffer.from(text).toString()
    strings.set(known, known)
  }
  return known
}

function ofImport(importer: string, specifier: string): SourcePlace | undefined {
  const file = fileURLToPath(importer)
  const lines = linesOf(file)
  for (const quote of ["'", '"', '`']) {
    const text = `${quote}${specifier}${quote}`
    const index = lines.findIndex(line => line.includes(text))
    if (index >= 0) return { file, line: index + 1, column: (lines[index] as string).indexOf(text) + 1 }
  }
  return { file, line: 1, column: 1 }
}

const COMPILE = `
const { readFileSync } = require('node:fs'), { stripTypeScriptTypes } = require('node:module')
const file = process.argv[1], text = readFileSync(file, 'utf8')
new (require('node:vm').SourceTextModule)(/ts$/.test(file) ? stripTypeScriptTypes(text) : text, { identifier: file })`

/** What JavaScript itself does not take, Node tells without its place, unless nobody catches it: so another Node is asked. */
async function ofSyntaxError(url: string | undefined): Promise<SourcePlace | undefined> {
  if (url === undefined) return undefined
  const args = ['--experimental-vm-modules', '--no-warnings', '-e', COMPILE, fileURLToPath(url)]
  try {
    await promisify(execFile)(process.execPath, args, { timeout: 5_000 })
    return undefined
  } catch (error) {
    return ofHeadline((error as { stderr?: string }).stderr ?? '')
  }
}

const pathOf = (at: string): string => (at.startsWith('file:') ? fileURLToPath(ModuleGraph.parse(at).url) : at)
