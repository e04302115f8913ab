import type { Exchange } from '../../../exchange/exchange.ts'
import { NAMES } from '../../../exchange/names.ts'
import type { Expression } from '../../language.ts'
import type { FunctionNode } from '../ast.ts'
import type { Scope, SimpleFunction } from '../function.ts'
import { compilePath } from '../path.ts'

/** The failure, or the one that an error handler has taken. Camel: `EXCEPTION_CAUGHT`. */
const exceptionOf = (exchange: Exchange): unknown => exchange.exception ?? exchange.getProperty(NAMES.exceptionCaught)

/** Anything can be thrown, so a message and a stack trace are found for what is no Error as well. */
const SPECIAL: Readonly<Record<string, (exception: unknown, scope: Scope) => unknown>> = {
  message: (exception, scope) => (exception instanceof Error ? exception.message : scope.text(exception)),
  stacktrace: (exception, scope) => (exception instanceof Error ? exception.stack : scope.text(exception)),
}

function compile(node: FunctionNode, scope: Scope): Expression {
  const [key] = node.path
  if (key === undefined) return exceptionOf
  const lower = key.kind === 'member' ? key.name.toLowerCase() : ''
  const special = Object.hasOwn(SPECIAL, lower) && node.path.length === 1 ? SPECIAL[lower] : undefined
  const access = special === undefined ? compilePath(node.path, scope) : undefined
  return exchange => {
    const exception = exceptionOf(exchange)
    if (exception === undefined || exception === null) return undefined
    return special === undefined ? access?.(exception, exchange) : special(exception, scope)
  }
}

/** The failure of the exchange. */
export const ERROR_FUNCTIONS: Readonly<Record<string, SimpleFunction>> = {
  exception: { usage: 'exception, exception.message or exception.stackTrace', path: 'key', compile },
}
