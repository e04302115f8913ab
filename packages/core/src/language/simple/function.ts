import type { DromedaryError } from '../../errors.ts'
import type { Expression, LanguageContext, Predicate } from '../language.ts'
import type { FunctionNode, Node } from './ast.ts'

/** A function of Simple: how it is written, and how a use of it becomes a closure. */
export interface SimpleFunction {
  /** How it is written, for error texts: `substring(head,tail,exp)`. */
  readonly usage: string
  /** Why it cannot be used, for functions that need another package. */
  readonly refusal?: string
  /** It takes a text behind `name:`, up to the closing brace, to the next operator, or to the next blank. */
  readonly colon?: 'text' | 'pattern' | 'word'
  /** It takes so many arguments in parentheses: least and most. Without a least one the parentheses may be left out. */
  readonly args?: readonly [least: number, most: number]
  /** `key`: the first step of the path names what is read. `value`: the path goes into the result. */
  readonly path?: 'key' | 'value'
  /** Called once per use. */
  compile(node: FunctionNode, scope: Scope): Expression
}

/** Functions by name. */
export type FunctionTable = ReadonlyMap<string, SimpleFunction>

/** What the compiler gives to functions. */
export interface Scope {
  readonly context: LanguageContext
  compile(node: Node): Expression
  compilePredicate(node: Node): Predicate
  /** A value as text: missing values are empty. */
  text(value: unknown): string
  /** A value as a number; throws `DROMEDARY_EXPRESSION_FAILED`. */
  number(value: unknown): number
  /** `DROMEDARY_INVALID_EXPRESSION` at this offset. */
  invalid(at: number, message: string): DromedaryError
  /** `DROMEDARY_EXPRESSION_FAILED` for this text. */
  failed(message: string, cause?: unknown): DromedaryError
}
