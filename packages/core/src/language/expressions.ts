import type { ExpressionDefinition } from '../definition/expression.ts'
import { DromedaryError } from '../errors.ts'
import { builtInLanguages } from './built-in.ts'
import { type Expression, isTruthy, type LanguageContext, type Predicate } from './language.ts'
import type { Language } from './registry.ts'

/** Compiles an expression of a definition, once. Throws `DROMEDARY_INVALID_EXPRESSION`. */
export function compileExpression(definition: ExpressionDefinition, context: LanguageContext): Expression {
  const direct = compileWithoutLanguage(definition)
  if (direct !== undefined) return direct
  return languageOf(definition, context).compileExpression(textOf(definition), context)
}

/** Compiles an expression whose truth is asked for: a Simple text is read as a predicate. */
export function compilePredicate(definition: ExpressionDefinition, context: LanguageContext): Predicate {
  const direct = compileWithoutLanguage(definition)
  if (direct !== undefined) return definition.language === 'function' ? answering(direct) : truthOf(direct)
  const language = languageOf(definition, context)
  const text = textOf(definition)
  return language.compilePredicate?.(text, context) ?? truthOf(language.compileExpression(text, context))
}

const truthOf =
  (read: Expression): Predicate =>
  exchange =>
    isTruthy(read(exchange))

/** A promise is no answer: it would always count as true. */
function answering(ask: Expression): Predicate {
  return exchange => {
    const answer = ask(exchange)
    if (typeof answer === 'boolean') return answer
    if (typeof (answer as PromiseLike<unknown> | null | undefined)?.then === 'function') {
      const message =
        'the function of a predicate returned a promise; set a header or property in a step before, and test that'
      throw new DromedaryError('DROMEDARY_EXPRESSION_FAILED', message)
    }
    return isTruthy(answer)
  }
}

/** Forms that are data of the definition, not text in a language. */
function compileWithoutLanguage(definition: ExpressionDefinition): Expression | undefined {
  if ('fn' in definition) return definition.fn
  if ('value' in definition) {
    const { value } = definition
    return () => value
  }
  return definition.language === 'body' ? exchange => exchange.message.body : undefined
}

const languageOf = (definition: ExpressionDefinition, context: LanguageContext): Language =>
  (context.languages ?? builtInLanguages).get(definition.language)

function textOf(definition: ExpressionDefinition): string {
  if ('expression' in definition && typeof definition.expression === 'string') return definition.expression
  throw new DromedaryError('DROMEDARY_INVALID_EXPRESSION', `the language ${definition.language} needs a text`)
}
