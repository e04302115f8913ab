import type { Expression } from '../../language.ts'
import type { FunctionNode } from '../ast.ts'
import type { Scope } from '../function.ts'

/** A family of functions, by name. */
export type { SimpleFunction } from '../function.ts'

/** The argument at this place; undefined where there is none. */
export function argument(node: FunctionNode, at: number, scope: Scope): Expression | undefined {
  const found = node.args?.[at]
  return found === undefined ? undefined : scope.compile(found.node)
}

/** The argument at this place, or the body. */
export function argumentOrBody(node: FunctionNode, at: number, scope: Scope): Expression {
  return argument(node, at, scope) ?? (exchange => exchange.message.body)
}

/** All arguments, or the body where there are none. */
export function argumentsOrBody(node: FunctionNode, scope: Scope): Expression[] {
  if (!node.args?.length) return [exchange => exchange.message.body]
  return node.args.map(({ node: inner }) => scope.compile(inner))
}

/** The argument as text, or `otherwise`. */
export function textArgument(
  node: FunctionNode,
  at: number,
  scope: Scope,
  otherwise = '',
): (...args: Parameters<Expression>) => string {
  const read = argument(node, at, scope)
  if (read === undefined) return () => otherwise
  return exchange => scope.text(read(exchange))
}

/** A whole number; throws `DROMEDARY_INVALID_EXPRESSION` for a literal that is none, else fails when it runs. */
export function wholeArgument(
  node: FunctionNode,
  at: number,
  scope: Scope,
  otherwise = 0,
): (...args: Parameters<Expression>) => number {
  const found = node.args?.[at]
  if (found === undefined) return () => otherwise
  if (found.node.kind === 'literal') {
    const literal = Number(found.node.value)
    if (!Number.isInteger(literal) || found.raw === '') throw scope.invalid(found.at, 'a whole number is expected')
    return () => literal
  }
  const read = scope.compile(found.node)
  return exchange => {
    const value = scope.number(read(exchange))
    if (!Number.isInteger(value)) throw scope.failed(`${value} is not a whole number`)
    return value
  }
}

/** What is written in this place, without quotes; for names of types and kinds, which cannot be worked out. */
export function wordArgument(node: FunctionNode, at: number, scope: Scope, otherwise: string): string {
  const found = node.args?.[at]
  if (found === undefined) return otherwise
  if (found.node.kind !== 'literal') throw scope.invalid(found.at, 'a name is expected, not a function')
  return found.node.value === null ? 'null' : String(found.node.value)
}
