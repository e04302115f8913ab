import { toExpression } from '../definition/expression.ts'
import type { Family } from './builder.ts'
import type { At, Expr, ResultOf, State, With } from './state.ts'

/** Verbs that change the message. */
export interface MessageVerbs<in out S extends State> {
  /** The body becomes what the expression gives. A string is Simple. */
  setBody<const E extends Expr<S['body']>>(expression: E): At<With<S, ResultOf<E, S['body']>>>
  /** Message Translator: as {@link setBody}. */
  transform<const E extends Expr<S['body']>>(expression: E): At<With<S, ResultOf<E, S['body']>>>
  /** The header becomes what the expression gives. Names are compared without regard to case. */
  setHeader(name: string, expression: Expr<S['body']>): At<S>
  /** Several headers, in order: a later one sees the earlier. */
  setHeaders(headers: Readonly<Record<string, Expr<S['body']>>>): At<S>
  /** The exchange property becomes what the expression gives. It stays with the exchange, and leaves no process. */
  setProperty(name: string, expression: Expr<S['body']>): At<S>
  /** The variable becomes what the expression gives: `name` of the exchange, `global:name` or `route:name`. */
  setVariable(name: string, expression: Expr<S['body']>): At<S>
  /** Takes the header away, without regard to case. */
  removeHeader(name: string): At<S>
  /** Takes away the headers whose names fit: exact, `prefix*` or a regular expression; without regard to case. */
  removeHeaders(pattern: string, excludePattern?: string): At<S>
}

export const messageVerbs: Family<MessageVerbs<State>> = {
  setBody(expression) {
    return this.step({ kind: 'setBody', expression: toExpression('setBody', expression) })
  },
  transform(expression) {
    return this.step({ kind: 'transform', expression: toExpression('transform', expression) })
  },
  setHeader(name, expression) {
    return this.step({ kind: 'setHeader', name, expression: toExpression(`setHeader ${name}`, expression) })
  },
  setHeaders(headers) {
    const list = Object.entries(headers).map(([name, expression]) => ({
      name,
      expression: toExpression(`setHeaders: ${name}`, expression),
    }))
    return this.step({ kind: 'setHeaders', headers: list })
  },
  setProperty(name, expression) {
    return this.step({ kind: 'setProperty', name, expression: toExpression(`setProperty ${name}`, expression) })
  },
  setVariable(name, expression) {
    return this.step({ kind: 'setVariable', name, expression: toExpression(`setVariable ${name}`, expression) })
  },
  removeHeader(name) {
    return this.step({ kind: 'removeHeader', name })
  },
  removeHeaders(pattern, excludePattern) {
    return this.step({ kind: 'removeHeaders', pattern, ...(excludePattern === undefined ? {} : { excludePattern }) })
  },
}
