import type { Expression } from '../../language.ts'
import type { FunctionNode } from '../ast.ts'
import type { Scope, SimpleFunction } from '../function.ts'
import { elementsOf } from '../values.ts'
import { argument, argumentOrBody, textArgument, wholeArgument } from './arguments.ts'
import { ENCODING_FUNCTIONS } from './encoding.ts'

/** A function of one text, the argument or the body. A missing value stays missing. */
const ofText = (name: string, change: (text: string) => string): SimpleFunction => ({
  usage: `${name}(exp)`,
  args: [0, 1],
  compile: (node, scope) => {
    const read = argumentOrBody(node, 0, scope)
    return exchange => {
      const value = read(exchange)
      return value === null || value === undefined ? undefined : change(scope.text(value))
    }
  },
})

/** How quotes and nothing are written inside a quoted argument. */
const unescapeXml = (text: string): string =>
  text.replaceAll('&quot;', '"').replaceAll('&apos;', "'").replaceAll('&empty;', '')

function compileReplace(node: FunctionNode, scope: Scope): Expression {
  const from = textArgument(node, 0, scope)
  const to = textArgument(node, 1, scope)
  const read = argumentOrBody(node, 2, scope)
  return exchange => {
    const value = read(exchange)
    if (value === null || value === undefined) return undefined
    const replacement = unescapeXml(to(exchange))
    return scope.text(value).replaceAll(unescapeXml(from(exchange)), () => replacement)
  }
}

/** The head is cut off at the front, the tail at the end; a single negative number cuts at the end. Camel's rules. */
function compileSubstring(node: FunctionNode, scope: Scope): Expression {
  const head = wholeArgument(node, 0, scope)
  const tail = wholeArgument(node, 1, scope)
  const read = argumentOrBody(node, 2, scope)
  const isSingle = node.args?.length === 1
  return exchange => {
    const value = read(exchange)
    if (value === null || value === undefined) return undefined
    const text = scope.text(value)
    const first = head(exchange)
    const start = isSingle && first < 0 ? 0 : Math.abs(first)
    const end = text.length - Math.abs(isSingle ? Math.min(first, 0) : tail(exchange))
    return start < end ? text.slice(start, end) : ''
  }
}

/** The last `marks` arguments are texts to look for, the one before them the source. Missing where one is not found. */
function substringBy(
  name: string,
  marks: 1 | 2,
  cut: (text: string, mark: string, end: string) => string | undefined,
): SimpleFunction {
  return {
    usage: marks === 1 ? `${name}(exp,text)` : `${name}(exp,after,before)`,
    args: [marks, marks + 1],
    compile: (node, scope) => {
      const hasSource = node.args?.length === marks + 1
      const offset = hasSource ? 1 : 0
      const read = argumentOrBody(node, hasSource ? 0 : Number.POSITIVE_INFINITY, scope)
      const mark = textArgument(node, offset, scope)
      const end = textArgument(node, offset + 1, scope)
      return exchange => {
        const value = read(exchange)
        if (value === null || value === undefined) return undefined
        return cut(scope.text(value), mark(exchange), end(exchange))
      }
    },
  }
}

function after(text: string, mark: string): string | undefined {
  const at = text.indexOf(mark)
  return at < 0 ? undefined : text.slice(at + mark.length)
}

function before(text: string, mark: string): string | undefined {
  const at = text.indexOf(mark)
  return at < 0 ? undefined : text.slice(0, at)
}

function between(text: string, mark: string, end: string): string | undefined {
  const rest = after(text, mark)
  return rest === undefined ? undefined : before(rest, end)
}

function compileSplit(node: FunctionNode, scope: Scope): Expression {
  const hasSource = node.args?.length === 2
  const read = argumentOrBody(node, hasSource ? 0 : Number.POSITIVE_INFINITY, scope)
  const separator = textArgument(node, hasSource ? 1 : 0, scope, ',')
  return exchange => {
    const value = read(exchange)
    return value === null || value === undefined ? [] : scope.text(value).split(separator(exchange))
  }
}

function compileJoin(node: FunctionNode, scope: Scope): Expression {
  const separator = textArgument(node, 0, scope, ',')
  const prefix = textArgument(node, 1, scope)
  const read = argumentOrBody(node, 2, scope)
  return exchange => {
    const before = prefix(exchange)
    return Array.from(elementsOf(read(exchange)), element => before + scope.text(element)).join(separator(exchange))
  }
}

/** With one argument it is put behind the body. */
function compileConcat(node: FunctionNode, scope: Scope): Expression {
  const isSingle = node.args?.length === 1
  const left = isSingle ? argumentOrBody(node, Number.POSITIVE_INFINITY, scope) : argumentOrBody(node, 0, scope)
  const right = argumentOrBody(node, isSingle ? 0 : 1, scope)
  const separator = textArgument(node, 2, scope)
  return exchange => scope.text(left(exchange)) + separator(exchange) + scope.text(right(exchange))
}

/** A message may say how wide: not without bounds. */
const WIDEST = 1_000_000

/** A positive width fills up at the right, a negative one at the left. */
function compilePad(node: FunctionNode, scope: Scope): Expression {
  const read = argument(node, 0, scope) as Expression
  const width = wholeArgument(node, 1, scope)
  const filler = textArgument(node, 2, scope, ' ')
  return exchange => {
    const text = scope.text(read(exchange))
    const length = width(exchange)
    if (Math.abs(length) > WIDEST) throw scope.failed(`a width of ${length} is more than ${WIDEST}`)
    return length < 0 ? text.padStart(-length, filler(exchange)) : text.padEnd(length, filler(exchange))
  }
}

/** Text in, text out. */
export const TEXT_FUNCTIONS: Readonly<Record<string, SimpleFunction>> = {
  ...ENCODING_FUNCTIONS,
  trim: ofText('trim', text => text.trim()),
  uppercase: ofText('uppercase', text => text.toUpperCase()),
  lowercase: ofText('lowercase', text => text.toLowerCase()),
  replace: { usage: 'replace(from,to,exp)', args: [2, 3], compile: compileReplace },
  substring: { usage: 'substring(head,tail,exp)', args: [1, 3], compile: compileSubstring },
  substringAfter: substringBy('substringAfter', 1, after),
  substringBefore: substringBy('substringBefore', 1, before),
  substringBetween: substringBy('substringBetween', 2, between),
  split: { usage: 'split(exp,separator)', args: [0, 2], compile: compileSplit },
  join: { usage: 'join(separator,prefix,exp)', args: [0, 3], compile: compileJoin },
  concat: { usage: 'concat(exp,exp,separator)', args: [1, 3], compile: compileConcat },
  pad: { usage: 'pad(exp,width,separator)', args: [2, 3], compile: compilePad },
}
