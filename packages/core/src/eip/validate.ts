import type { PredicateExceptionFactory } from '../definition/data-steps.ts'
import type { ExpressionDefinition } from '../definition/expression.ts'
import { DromedaryError } from '../errors.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { chain } from '../runtime/thenable.ts'
import { isSchema, type SchemaIssue, type StandardSchema } from '../standard-schema.ts'
import type { Eip } from './eip.ts'
import { isFunction, resolveRef } from './resolve-ref.ts'

/** So many problems are told. */
const TOLD = 5

/** Validate: fails an exchange for which a predicate does not hold; or whose body a schema refuses, else the body is what the schema gives. */
export const validate: Eip<'validate'> = (step, at) => {
  const { expression } = step
  const factory =
    step.predicateExceptionFactory &&
    resolveRef(step.predicateExceptionFactory, at, 'a function that makes an error', isFunction)
  const where = `at ${at.stepId} in route ${at.routeId}`
  if ('ref' in expression) {
    const schema = resolveRef<StandardSchema>(expression, at, 'a schema', isSchema)
    return exchange =>
      chain(schema['~standard'].validate(exchange.message.body), result => {
        if (result.issues !== undefined)
          throw failure(exchange, schemaName(schema), problems(result.issues, where), factory)
        exchange.message.body = result.value
      })
  }
  const holds = at.predicate(expression)
  const predicate = predicateText(expression)
  return exchange => {
    if (holds(exchange)) return
    throw failure(exchange, predicate, `Validation failed for Predicate[${predicate}] ${where}`, factory)
  }
}

function failure(exchange: Exchange, predicate: string, message: string, make: PredicateExceptionFactory | undefined) {
  return make?.(exchange, predicate) ?? new DromedaryError('DROMEDARY_VALIDATION_FAILED', message)
}

function predicateText(expression: ExpressionDefinition): string {
  if ('expression' in expression) return expression.expression
  return 'value' in expression ? String(expression.value) : expression.language
}

const schemaName = (schema: StandardSchema): string => `${schema['~standard'].vendor} schema`

function problems(issues: readonly SchemaIssue[], where: string): string {
  const told = issues.slice(0, TOLD).map(issue => {
    const path = issue.path?.map(part => String(typeof part === 'object' ? part.key : part)).join('.')
    return path === undefined || path === '' ? issue.message : `${path}: ${issue.message}`
  })
  const more = issues.length > TOLD ? `; and ${issues.length - TOLD} more` : ''
  return `Validation failed ${where}: ${told.join('; ')}${more}`
}
