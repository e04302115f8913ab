import { didYouMean } from '../../uri/suggest.ts'
import type { Argument, FunctionNode, Node, PathStep } from './ast.ts'
import type { SimpleFunction } from './function.ts'
import { isForbidden } from './members.ts'
import { parseArguments } from './parse-arguments.ts'
import type { Parser, Stop } from './parser.ts'

/** A function by its bare name: `name`, `name:text`, `name(args)`, each with a path behind it. */
export function parseFunction(parser: Parser): FunctionNode {
  const { scanner } = parser
  const at = scanner.at
  const name = scanner.takeFunctionName()
  if (name === undefined) throw parser.unexpected()
  parser.count()
  const spec = parser.functions.get(name)
  if (spec === undefined) {
    throw scanner.invalid(`unknown function ${name}${didYouMean(name, parser.functions.keys())}`, at)
  }
  if (spec.refusal !== undefined) throw scanner.invalid(spec.refusal, at)
  const colon = parseColon(parser, spec)
  const args = scanner.here === '(' ? parseArguments(parser) : undefined
  const pathAt = scanner.at
  const path = colon?.keyed ? [colon.keyed] : []
  parsePath(parser, path)
  const rawPath = scanner.text.slice(colon?.keyed?.at ?? pathAt, scanner.at).replace(/^\./, '')
  checkForm(parser, spec, at, args, path)
  return {
    kind: 'function',
    at,
    name,
    path,
    rawPath,
    ...(colon?.text && { colon: colon.text }),
    ...(args && { args }),
  }
}

function checkForm(
  parser: Parser,
  spec: SimpleFunction,
  at: number,
  args: readonly Argument[] | undefined,
  path: readonly PathStep[],
): void {
  const [least, most] = spec.args ?? [0, 0]
  const count = args?.length ?? 0
  const noPath = path.length > 0 && spec.path === undefined
  if ((args !== undefined && spec.args === undefined) || count < least || count > most || noPath) {
    throw parser.scanner.invalid(`the function is written ${spec.usage}`, at)
  }
}

/** A function that reads by key takes `name:key` for `name.key`; others have a text of their own behind the colon. */
function parseColon(parser: Parser, spec: SimpleFunction): { text?: Node; keyed?: PathStep } | undefined {
  const { scanner } = parser
  if (scanner.here !== ':') return undefined
  if (spec.path === 'key') {
    scanner.at++
    const at = scanner.at
    const name = scanner.takeKey()
    if (name === undefined) throw scanner.invalid('a name is expected behind the colon')
    return { keyed: { kind: 'member', at, name, call: false, nullSafe: false } }
  }
  if (spec.colon === undefined) return undefined
  scanner.at++
  return { text: parser.template(COLON_ENDS[spec.colon], false) }
}

const COLON_ENDS: Readonly<Record<'text' | 'pattern' | 'word', Stop>> = {
  text: scanner => scanner.here === '}',
  pattern: scanner => scanner.here === '}' || scanner.peekOperator() !== undefined,
  word: scanner => /[\s}]/.test(scanner.here),
}

function parsePath(parser: Parser, path: PathStep[]): void {
  const { scanner } = parser
  for (;;) {
    const at = scanner.at
    const nullSafe = scanner.sees('?.') || scanner.sees('?[')
    if (nullSafe) scanner.at++
    if (scanner.take('.'))
      path.push(scanner.here === '[' ? parseIndex(parser, at, nullSafe) : parseMember(parser, at, nullSafe))
    else if (scanner.here === '[') path.push(parseIndex(parser, at, nullSafe))
    else return
    parser.count()
  }
}

function parseMember(parser: Parser, at: number, nullSafe: boolean): PathStep {
  const { scanner } = parser
  const name = scanner.takeKey()
  if (name === undefined) throw scanner.invalid('a name is expected behind the dot')
  if (isForbidden(name)) throw scanner.invalid(`${name} is not accessible`, at)
  const call = scanner.take('()')
  if (scanner.here === '(') throw scanner.invalid(`${name}() takes no arguments here; use a function or a bean`)
  return { kind: 'member', at, name, call, nullSafe }
}

function parseIndex(parser: Parser, at: number, nullSafe: boolean): PathStep {
  const { scanner } = parser
  scanner.at++
  const isQuoted = scanner.here === "'" || scanner.here === '"'
  const key = isQuoted ? parser.quoted() : parser.template(inner => inner.here === ']', false)
  if (!scanner.take(']')) throw scanner.invalid('the [ that opens here is not closed', at)
  if (key.kind === 'literal') {
    if (key.value === '') throw scanner.invalid('the brackets are empty', at)
    if (isForbidden(String(key.value))) throw scanner.invalid(`${key.value} is not accessible`, at)
  }
  return { kind: 'index', at, key, nullSafe }
}
