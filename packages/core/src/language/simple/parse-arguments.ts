import type { Argument, Node } from './ast.ts'
import type { Parser, Stop } from './parser.ts'

/** `(a, 'b', ${c} > 1)`; stands on the parenthesis. Text needs no quotes unless it has a comma or parenthesis in it. */
export function parseArguments(parser: Parser): Argument[] {
  const { scanner } = parser
  const opening = scanner.at
  scanner.at++
  const args: Argument[] = []
  scanner.skipBlanks()
  if (scanner.take(')')) return args
  for (;;) {
    parser.count()
    scanner.skipBlanks()
    const at = scanner.at
    const node = parseArgument(parser)
    args.push({ node, raw: scanner.text.slice(at, scanner.at).trim(), at })
    scanner.skipBlanks()
    if (scanner.take(',')) continue
    if (scanner.take(')')) return args
    if (scanner.done) throw scanner.invalid('the ( that opens here is not closed', opening)
    throw parser.unexpected()
  }
}

function parseArgument(parser: Parser): Node {
  const { scanner } = parser
  const at = scanner.at
  if (scanner.here === "'" || scanner.here === '"') return parser.quoted()
  if (scanner.seesOpening() || /[$!\d+-]/.test(scanner.here)) {
    const node = parseValue(parser)
    if (node !== undefined) return node
    scanner.at = at
  }
  const word = scanner.takeWord()
  if (word !== undefined && endsArgument(parser)) return { kind: 'literal', at, value: word.value }
  scanner.at = at
  return parser.template(untilComma(), false)
}

/** A function, number, variable or predicate, if that is all of the argument. */
function parseValue(parser: Parser): Node | undefined {
  const { scanner } = parser
  const at = scanner.at
  const starts =
    scanner.seesOpening() || /^(?:!?\$\{|!?\$\w|[+-]?\d)/.test(scanner.text.slice(scanner.at, scanner.at + 3))
  if (!starts) return undefined
  const number = scanner.takeNumber()
  if (number !== undefined) return endsArgument(parser) ? { kind: 'literal', at, value: number } : undefined
  if (/\d|[+-]/.test(scanner.here)) return undefined
  if (scanner.here === '$' && !scanner.seesOpening() && !isVariable(parser)) return undefined
  const node = parser.value()
  return endsArgument(parser) ? node : undefined
}

function isVariable(parser: Parser): boolean {
  const name = /^\$([A-Za-z_]\w*)/.exec(parser.scanner.text.slice(parser.scanner.at, parser.scanner.at + 200))?.[1]
  return name === 'param' || (name !== undefined && parser.locals.has(name))
}

/** Whether nothing but blanks is left before the next comma or the closing parenthesis; moves past the blanks. */
function endsArgument({ scanner }: Parser): boolean {
  scanner.skipBlanks()
  return scanner.here === ',' || scanner.here === ')'
}

const BEFORE_END = /\s+[,)]/y

/** Parentheses inside the text count; blanks at its end are not part of it. */
function untilComma(): Stop {
  let depth = 0
  let last = -1
  return ({ here, at, text }) => {
    if (at === last) return false
    last = at
    if (here === '(') depth++
    else if (here === ')' && depth-- === 0) return true
    if (depth > 0) return false
    BEFORE_END.lastIndex = at
    return here === ',' || BEFORE_END.test(text)
  }
}
