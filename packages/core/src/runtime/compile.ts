import { everyStep, nesting } from '../definition/blocks.ts'
import type { ErrorHandlerDefinition } from '../definition/error-handler.ts'
import type { OnExceptionDefinition } from '../definition/on-exception.ts'
import { errorAt } from '../definition/places.ts'
import type { RouteDefinition } from '../definition/route.ts'
import type { StepDefinition, StepKind, StepNodes } from '../definition/steps.ts'
import type { Eip, StepCompiler, TriedSteps } from '../eip/eip.ts'
import { eips } from '../eip/table.ts'
import { collector } from '../error-handling/collector.ts'
import { type ErrorHandler, type ErrorHandlerPlace, errorHandler } from '../error-handling/error-handler.ts'
import { asksForOriginal, keepingOriginal } from '../error-handling/original-message.ts'
import { DromedaryError } from '../errors.ts'
import type { Processor } from '../exchange/exchange.ts'
import type { StepWatch } from './events.ts'
import { type CompiledStep, pipeline } from './pipeline.ts'

export interface CompiledRoute {
  readonly run: Processor
  /** Stack that a call of it may take: 1 and its deepest nesting of blocks. */
  readonly weight: number
}

/** What is done about failures: the error handler, and what the context says for all its routes. */
export interface FailureHandling {
  readonly errorHandler: ErrorHandlerDefinition
  readonly onException: readonly OnExceptionDefinition[]
}

/** What compiling a step needs, but for what the route itself gives it. */
export type RoutePlace = Omit<StepCompiler, 'steps' | 'tried' | 'stepId' | 'handled'>

/** A definition becomes nested closures, once, before its route starts. Throws what is wrong with it. */
export function compileRoute(
  definition: RouteDefinition,
  handling: FailureHandling,
  place: RoutePlace & ErrorHandlerPlace,
  watch: StepWatch,
): CompiledRoute {
  const { errorHandler: handlerOf } = handling
  const own = definition.onException ?? []
  if (handlerOf.kind === 'none' && own.length > 0) {
    const message = `route ${definition.id} has onException, which needs an error handler, and noErrorHandler`
    throw new DromedaryError('DROMEDARY_INVALID_ROUTE', message)
  }
  const scopes = [own, handlerOf.kind === 'none' ? [] : handling.onException]
  const clauses = scopes.flat()
  const ids = stepIds(definition, clauses)
  const clauseSteps = (steps: readonly StepDefinition[]) => tried(steps, place, ids, watch).run
  const handler = errorHandler(handlerOf, scopes, { ...place, clauseSteps })
  const run = compileSteps(definition.steps, place, handler, ids, watch)
  const ofClauses = clauses.map(clause => 1 + nesting(clause.steps))
  const weight = 1 + nesting(definition.steps) + Math.max(0, ...ofClauses)
  const keepsOriginal =
    clauses.some(asksForOriginal) || (handlerOf.kind === 'deadLetterChannel' && asksForOriginal(handlerOf))
  return { run: keepsOriginal ? keepingOriginal(run) : run, weight }
}

function compileSteps(
  steps: readonly StepDefinition[],
  place: RoutePlace,
  handler: ErrorHandler | undefined,
  ids: StepIds,
  watch: StepWatch,
): Processor {
  const compiled = steps.map((step): CompiledStep => {
    const id = ids.get(step)
    const at: StepCompiler = {
      ...place,
      stepId: id,
      steps: inner => compileSteps(inner, place, handler, ids, watch),
      tried: inner => tried(inner, place, ids, watch),
      handled: run => pipeline([{ id, run }], handler, watch),
    }
    return { id, run: compileStep(step, at) }
  })
  return pipeline(compiled, handler, watch)
}

function tried(steps: readonly StepDefinition[], place: RoutePlace, ids: StepIds, watch: StepWatch): TriedSteps {
  const failures = collector(place.routeId)
  return { run: compileSteps(steps, place, failures, ids, watch), thrown: failures.thrown }
}

function compileStep<K extends StepKind>(step: StepNodes[K], at: StepCompiler): Processor {
  const eip = eips[step.kind as K] as Eip<K> | undefined
  if (eip === undefined) {
    throw new DromedaryError('DROMEDARY_INVALID_ROUTE', `route ${at.routeId} has a step of unknown kind ${step.kind}`)
  }
  try {
    return eip(step, at)
  } catch (error) {
    throw errorAt(step, error)
  }
}

interface StepIds {
  get(step: StepDefinition): string
}

/** Given ids must be unique in their route; the others become `log1`, `to2` … in the order of writing. */
function stepIds(definition: RouteDefinition, clauses: readonly OnExceptionDefinition[]): StepIds {
  const all = [...everyStep(definition.steps), ...clauses.flatMap(clause => [...everyStep(clause.steps)])]
  const taken = new Set<string>()
  for (const step of all) {
    if (step.id === undefined) continue
    if (taken.has(step.id)) {
      throw new DromedaryError('DROMEDARY_INVALID_ROUTE', `route ${definition.id} has two steps with the id ${step.id}`)
    }
    taken.add(step.id)
  }
  const ids = new Map<StepDefinition, string>()
  const counts = new Map<string, number>()
  for (const step of all) {
    let id = step.id
    while (id === undefined || (step.id === undefined && taken.has(id))) {
      const count = (counts.get(step.kind) ?? 0) + 1
      counts.set(step.kind, count)
      id = `${step.kind}${count}`
    }
    ids.set(step, id)
  }
  return { get: step => ids.get(step) ?? step.kind }
}
