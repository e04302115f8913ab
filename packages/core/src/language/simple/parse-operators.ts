import type { Node } from './ast.ts'
import { parseFunction } from './parse-function.ts'
import type { Parser } from './parser.ts'

/*
 * From loose to tight: ternary (in braces only), ||, &&, comparison, ?:, ~> and ?~>, ++ and --.
 * `braced` says whether functions stand bare, as they do inside ${ }, or in braces of their own.
 */

/** `condition ? a : b`; associates to the right. */
export function parseTernary(parser: Parser): Node {
  return parser.nested(() => {
    const { scanner } = parser
    const at = scanner.at
    const condition = parseOr(parser, true)
    const question = scanner.peekOperator()
    if (question?.kind !== '?') return condition
    parser.count()
    scanner.at = question.end
    scanner.skipBlanks()
    const yes = parseTernary(parser)
    const colon = scanner.peekOperator()
    if (colon?.kind !== ':') throw scanner.invalid("the ternary lacks its ' : '")
    scanner.at = colon.end
    scanner.skipBlanks()
    return { kind: 'ternary', at, condition, yes, no: parseTernary(parser) }
  })
}

export function parseOr(parser: Parser, braced: boolean): Node {
  return parseJoined(parser, '||', 'or', () => parseJoined(parser, '&&', 'and', () => parseComparison(parser, braced)))
}

function parseJoined(parser: Parser, symbol: '&&' | '||', kind: 'and' | 'or', parseSide: () => Node): Node {
  const { scanner } = parser
  let left = parseSide()
  for (let operator = scanner.peekOperator(); operator?.kind === symbol; operator = scanner.peekOperator()) {
    parser.count()
    scanner.at = operator.end
    scanner.skipBlanks()
    left = { kind, at: operator.at, left, right: parseSide() }
  }
  return left
}

function parseComparison(parser: Parser, braced: boolean): Node {
  const { scanner } = parser
  if (scanner.here === '!') return parseNot(parser, braced)
  const left = parseOperand(parser, braced)
  const token = scanner.peekOperator()
  if (token?.kind !== 'compare') return left
  parser.count()
  scanner.at = token.end
  scanner.skipBlanks()
  const { operator, negated, at } = token
  const right = operator === 'range' ? parseRange(parser, braced) : parseOperand(parser, braced)
  return { kind: 'compare', at, operator, negated, left, right }
}

/** `!` directly before a function; several of them only in braces. */
function parseNot(parser: Parser, braced: boolean): Node {
  return parser.nested(() => {
    const { scanner } = parser
    const at = scanner.at
    scanner.at++
    const fits = braced ? /[!A-Za-z_$]/.test(scanner.here) : scanner.here === '$'
    if (!fits) throw scanner.invalid('! stands directly before a function', at)
    const operand = braced && scanner.here === '!' ? parseNot(parser, braced) : parseOperand(parser, braced)
    if (scanner.peekOperator()?.kind === 'compare') {
      throw scanner.invalid('! negates a function, not a comparison; negate the operator, as in != or !contains', at)
    }
    return { kind: 'not', at, operand }
  })
}

function parseRange(parser: Parser, braced: boolean): Node {
  const at = parser.scanner.at
  const range = parser.scanner.takeRange()
  return range === undefined ? parseOperand(parser, braced) : { kind: 'literal', at, value: range }
}

/** A value with the operators that belong to it alone. */
export function parseOperand(parser: Parser, braced: boolean): Node {
  return parsePostfix(parser, parsePrimary(parser, braced))
}

function parsePrimary(parser: Parser, braced: boolean): Node {
  const { scanner } = parser
  const at = scanner.at
  if (scanner.here === "'" || scanner.here === '"') return parser.quoted()
  if (scanner.takeOpening()) return parser.braces(at)
  if (/^\$param(?!\w)/.test(scanner.text.slice(at, at + 7))) {
    scanner.at += 6
    return { kind: 'param', at }
  }
  const local = scanner.takeLocal(parser.locals)
  if (local !== undefined) return { kind: 'local', at, name: local }
  const number = scanner.takeNumber()
  if (number !== undefined) return { kind: 'literal', at, value: number }
  const word = scanner.takeWord()
  if (word !== undefined) return { kind: 'literal', at, value: word.value }
  if (!braced) throw parser.unexpected()
  return parseFunction(parser)
}

/** Reads `++` or `--`, then chains, then an elvis, behind what was read. */
export function parsePostfix(parser: Parser, operand: Node): Node {
  const { scanner } = parser
  let node = parseStep(parser, operand)
  for (;;) {
    const token = scanner.peekOperator()
    if (token?.kind !== '~>' && token?.kind !== '?~>') break
    parser.count()
    scanner.at = token.end
    scanner.skipBlanks()
    const at = scanner.at
    if (!scanner.takeOpening()) throw scanner.invalid(`behind ${token.kind} a function in braces must follow`)
    node = {
      kind: 'chain',
      at: token.at,
      left: node,
      right: parseStep(parser, parser.braces(at)),
      nullSafe: token.kind === '?~>',
    }
  }
  const token = scanner.peekOperator()
  if (token?.kind !== '?:') return node
  parser.count()
  scanner.at = token.end
  scanner.skipBlanks()
  const left = node
  return parser.nested(() => ({ kind: 'elvis', at: token.at, left, right: parseOperand(parser, false) }))
}

/** Only directly behind a function, and only where nothing follows that would make it part of a text. */
function parseStep(parser: Parser, operand: Node): Node {
  const { scanner } = parser
  const sign = scanner.sees('++') ? 1 : scanner.sees('--') ? -1 : undefined
  if (sign === undefined || !/^(?:[\s,;)}]|$)/.test(scanner.text.charAt(scanner.at + 2))) return operand
  const at = scanner.at
  scanner.at += 2
  return { kind: 'step', at, by: sign, operand }
}
