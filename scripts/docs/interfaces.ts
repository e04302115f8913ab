import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../run.ts'

/*
 * Reads the interfaces of a formatted source: what TSDoc says of each member. The compiler of TypeScript 7 has no
 * API for that, and the formatter sees to the form.
 */

/** A member of an interface. */
export interface Member {
  readonly name: string
  /** Its type, or its whole signature, in one line. */
  readonly type: string
  /** Without the marks of the comment, in one line; empty where there is none. */
  readonly doc: string
}

export interface Interface {
  readonly doc: string
  readonly members: readonly Member[]
}

/** Without its imports. */
export const sourceOf = (file: string): string =>
  readFileSync(join(ROOT, file), 'utf8').replaceAll(/^import [\s\S]*? from '.*'$/gm, '')

/** The interface, or the object behind `&` of a type, with this name. Undefined where there is none. */
export function interfaceIn(source: string, name: string): Interface | undefined {
  const head = `(?:export )?(?:interface|type) ${name}\\b[^\\n{]*(?:\\n  extends [^\\n{]*)?\\{\\n`
  const found = new RegExp(`(${COMMENT}\\n)?${head}([\\s\\S]*?)^\\}`, 'm').exec(source)
  if (found === null) return undefined
  const [, comment = '', body = ''] = found
  return { doc: plain(comment), members: membersOf(body) }
}

const COMMENT = '/\\*\\*(?:(?!\\*/)[\\s\\S])*\\*/'
const MEMBER = new RegExp(
  `^(?:  (${COMMENT})\\n)?  (?:readonly )?(\\w+)([?:<(][\\s\\S]*?)$(?=\\n  (?:/\\*\\*|\\w)|\\n*(?![\\s\\S]))`,
  'gm',
)

function membersOf(body: string): Member[] {
  return [...body.matchAll(MEMBER)].map(([, comment = '', name = '', rest = '']) => ({
    name,
    type: rest
      .replace(/^\??: ?/, '')
      .replaceAll(/\s+/g, ' ')
      .trim(),
    doc: plain(comment),
  }))
}

const plain = (comment: string) =>
  comment
    .replaceAll(/^\s*\/\*\*|\*\/\s*$/g, '')
    .replaceAll(/^\s*\* ?/gm, '')
    .replaceAll(/\{@link (\w+)\}/g, '`$1`')
    .replaceAll('\\${', '${')
    .replaceAll(/\s+/g, ' ')
    .trim()

/** The parameters of a signature as `expression`, `options?`, `...exception`. */
export const parametersOf = (signature: string): string[] =>
  topLevel(parenthesised(signature)).map(one => /^(?:\.\.\.)?\w+\??/.exec(one.trim())?.[0] ?? '')

/** What stands in the first parentheses behind type parameters. */
function parenthesised(signature: string): string {
  let angles = 0
  let depth = 0
  let start = 0
  for (let at = 0; at < signature.length; at++) {
    const here = signature[at]
    if (depth === 0 && here === '<') angles++
    else if (depth === 0 && here === '>' && signature[at - 1] !== '=') angles--
    else if (here === '(' && angles === 0 && depth++ === 0) start = at + 1
    else if (here === ')' && angles === 0 && --depth === 0) return signature.slice(start, at)
  }
  return ''
}

/** Cut at the commas that stand in no brackets. */
function topLevel(list: string): string[] {
  const parts: string[] = []
  let depth = 0
  let start = 0
  for (let at = 0; at < list.length; at++) {
    const here = list[at] ?? ''
    if ('([{<'.includes(here)) depth++
    else if (')]}'.includes(here) || (here === '>' && list[at - 1] !== '=')) depth--
    else if (here === ',' && depth === 0) {
      parts.push(list.slice(start, at))
      start = at + 1
    }
  }
  return [...parts, list.slice(start)].filter(part => part.trim() !== '')
}
