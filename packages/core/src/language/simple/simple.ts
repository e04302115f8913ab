import type { Expression, LanguageContext, Predicate } from '../language.ts'
import { Compiler } from './compiler.ts'
import { FUNCTIONS } from './functions/table.ts'
import { Parser } from './parser.ts'

/**
 * Compiles Simple: text with functions in `${…}`. A text that is one function alone gives that function's value as it
 * is, any other a string. Throws `DROMEDARY_INVALID_EXPRESSION`; running it, `DROMEDARY_EXPRESSION_FAILED`.
 */
export function compileSimple(text: string, context: LanguageContext): Expression {
  return new Compiler(text, context, FUNCTIONS).compile(new Parser(text, FUNCTIONS).expression())
}

/**
 * Compiles a Simple predicate, such as `${header.x} == 'a' && ${body} contains 'b'`. `&&` binds tighter than `||`.
 * Throws as {@link compileSimple}.
 */
export function compileSimplePredicate(text: string, context: LanguageContext): Predicate {
  return new Compiler(text, context, FUNCTIONS).compilePredicate(new Parser(text, FUNCTIONS).predicate())
}
