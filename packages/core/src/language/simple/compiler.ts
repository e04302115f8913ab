import { DromedaryError, messageOf } from '../../errors.ts'
import { type Expression, isTruthy, type LanguageContext, type Predicate } from '../language.ts'
import type { Node } from './ast.ts'
import { compileComparison } from './compile-comparison.ts'
import { compileTemplate } from './compile-template.ts'
import type { FunctionTable, Scope } from './function.ts'
import { compilePath } from './path.ts'
import { invalidExpression, shownText } from './tokens.ts'
import { isEffective, renderText } from './values.ts'
import { withBody } from './with-body.ts'

/** The tree as closures; nothing of it is looked at again when they run. */
export class Compiler implements Scope {
  readonly context: LanguageContext
  readonly #source: string
  readonly #functions: FunctionTable

  constructor(source: string, context: LanguageContext, functions: FunctionTable) {
    this.context = context
    this.#source = source
    this.#functions = functions
  }

  compile(node: Node): Expression {
    switch (node.kind) {
      case 'literal': {
        const { value } = node
        return () => value
      }
      case 'template':
        return compileTemplate(node.parts, this)
      case 'function': {
        const spec = this.#functions.get(node.name)
        if (spec === undefined) throw this.invalid(node.at, `unknown function ${node.name}`)
        const read = spec.compile(node, this)
        if (spec.path !== 'value' || node.path.length === 0) return read
        const access = compilePath(node.path, this)
        return exchange => access(read(exchange), exchange)
      }
      case 'param':
        return exchange => exchange.message.body
      case 'local': {
        const { name } = node
        return exchange => exchange.getVariable(name)
      }
      case 'step':
        return this.#compileStep(node.operand, node.by)
      case 'ternary': {
        const condition = this.compilePredicate(node.condition)
        const yes = this.compile(node.yes)
        const no = this.compile(node.no)
        return exchange => (condition(exchange) ? yes(exchange) : no(exchange))
      }
      case 'elvis': {
        const left = this.compile(node.left)
        const right = this.compile(node.right)
        return exchange => {
          const value = left(exchange)
          return isEffective(value) ? value : right(exchange)
        }
      }
      case 'chain':
        return this.#compileChain(node.left, node.right, node.nullSafe)
      case 'script': {
        const prepare = this.#compileLocals(node)
        const body = this.compile(node.body)
        return exchange => {
          prepare(exchange)
          return body(exchange)
        }
      }
      default:
        return this.compilePredicate(node)
    }
  }

  compilePredicate(node: Node): Predicate {
    switch (node.kind) {
      case 'compare':
        return compileComparison(node, this)
      case 'and': {
        const left = this.compilePredicate(node.left)
        const right = this.compilePredicate(node.right)
        return exchange => left(exchange) && right(exchange)
      }
      case 'or': {
        const left = this.compilePredicate(node.left)
        const right = this.compilePredicate(node.right)
        return exchange => left(exchange) || right(exchange)
      }
      case 'not': {
        const operand = this.compilePredicate(node.operand)
        return exchange => !operand(exchange)
      }
      case 'script': {
        const prepare = this.#compileLocals(node)
        const body = this.compilePredicate(node.body)
        return exchange => {
          prepare(exchange)
          return body(exchange)
        }
      }
      default: {
        const read = this.compile(node)
        return exchange => isTruthy(read(exchange))
      }
    }
  }

  text(value: unknown): string {
    return renderText(this.context.converters, value)
  }

  number(value: unknown): number {
    try {
      return this.context.converters.mandatory(value, 'number')
    } catch (cause) {
      throw this.failed(`a number is needed; ${messageOf(cause)}`, cause)
    }
  }

  invalid(at: number, message: string): DromedaryError {
    return invalidExpression(this.#source, at, message)
  }

  failed(message: string, cause?: unknown): DromedaryError {
    const options = cause === undefined ? undefined : { cause }
    const text = `Simple ${shownText(this.#source)}: ${message}`
    return new DromedaryError('DROMEDARY_EXPRESSION_FAILED', text, options)
  }

  /** The result has the type of the operand: text stays text. */
  #compileStep(operand: Node, by: 1 | -1): Expression {
    const read = this.compile(operand)
    return exchange => {
      const value = read(exchange)
      if (typeof value === 'number') return value + by
      if (typeof value === 'bigint') return value + BigInt(by)
      const stepped = this.number(value) + by
      return typeof value === 'string' ? String(stepped) : stepped
    }
  }

  /** The left value is the body while the right side is worked out. */
  #compileChain(leftNode: Node, rightNode: Node, nullSafe: boolean): Expression {
    const left = this.compile(leftNode)
    const right = this.compile(rightNode)
    return exchange => {
      const value = left(exchange)
      if (nullSafe && (value === null || value === undefined)) return value
      return withBody(exchange, value, right)
    }
  }

  /** Locals are variables of the exchange, and stay there, as in Camel. */
  #compileLocals(node: Extract<Node, { kind: 'script' }>): (exchange: Parameters<Expression>[0]) => void {
    const locals = node.locals.map(({ name, value }) => ({ name, read: this.compile(value) }))
    return exchange => {
      for (const { name, read } of locals) exchange.setVariable(name, read(exchange))
    }
  }
}
