import type { ErrorHandlerDefinition } from '../definition/error-handler.ts'
import type { RouteDefinition } from '../definition/route.ts'
import type { StepDefinition, StepKind, StepNodes } from '../definition/steps.ts'
import type { Eip, StepCompiler } from '../eip/eip.ts'
import { eips } from '../eip/table.ts'
import { ORIGINAL_MESSAGE } from '../error-handling/dead-letter.ts'
import { type ErrorHandler, type ErrorHandlerPlace, errorHandler } from '../error-handling/error-handler.ts'
import { DromedaryError } from '../errors.ts'
import type { Processor } from '../exchange/exchange.ts'
import type { StepWatch } from './events.ts'
import { type CompiledStep, pipeline } from './pipeline.ts'
import { isThenable } from './thenable.ts'

export interface CompiledRoute {
  readonly run: Processor
  /** Stack that a call of it may take: 1 and its deepest nesting of blocks. */
  readonly weight: number
}

/** What compiling a step needs, but for what the route itself gives it. */
export type RoutePlace = Omit<StepCompiler, 'steps'>

/** A definition becomes nested closures, once, before its route starts. Throws what is wrong with it. */
export function compileRoute(
  definition: RouteDefinition,
  handling: ErrorHandlerDefinition,
  place: RoutePlace & ErrorHandlerPlace,
  watch: StepWatch,
): CompiledRoute {
  const handler = errorHandler(handling, place)
  const ids = stepIds(definition)
  const run = compileSteps(definition.steps, place, handler, ids, watch)
  const weight = 1 + nesting(definition.steps)
  const keepsOriginal =
    handling.kind === 'deadLetterChannel' && (handling.useOriginalMessage || handling.useOriginalBody)
  if (!keepsOriginal) return { run, weight }
  return { run: keepingOriginal(run), weight }
}

/** Puts back what the route that called this one keeps. */
function keepingOriginal(run: Processor): Processor {
  return exchange => {
    const before = exchange.getProperty(ORIGINAL_MESSAGE)
    exchange.setProperty(ORIGINAL_MESSAGE, exchange.message.copy())
    const restore = () => {
      if (before === undefined) exchange.removeProperty(ORIGINAL_MESSAGE)
      else exchange.setProperty(ORIGINAL_MESSAGE, before)
    }
    let result: unknown
    try {
      result = run(exchange)
    } catch (error) {
      restore()
      throw error
    }
    if (isThenable(result)) return Promise.resolve(result).finally(restore)
    restore()
  }
}

function compileSteps(
  steps: readonly StepDefinition[],
  place: RoutePlace,
  handler: ErrorHandler | undefined,
  ids: StepIds,
  watch: StepWatch,
): Processor {
  const at: StepCompiler = { ...place, steps: inner => compileSteps(inner, place, handler, ids, watch) }
  const compiled: CompiledStep[] = steps.map(step => ({ id: ids.get(step), run: compileStep(step, at) }))
  return pipeline(compiled, handler, watch)
}

function compileStep<K extends StepKind>(step: StepNodes[K], at: StepCompiler): Processor {
  const eip = eips[step.kind as K] as Eip<K> | undefined
  if (eip === undefined) {
    throw new DromedaryError('DROMEDARY_INVALID_ROUTE', `route ${at.routeId} has a step of unknown kind ${step.kind}`)
  }
  return eip(step, at)
}

interface StepIds {
  get(step: StepDefinition): string
}

/** Given ids must be unique in their route; the others become `log1`, `to2` … in the order of writing. */
function stepIds(definition: RouteDefinition): StepIds {
  const all = [...everyStep(definition.steps)]
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

/** The blocks of a step: what is nested in it, in the order of writing. */
function blocksOf(step: StepDefinition): (readonly StepDefinition[])[] {
  if (step.kind === 'filter') return [step.steps]
  if (step.kind === 'choice') return [...step.when.map(clause => clause.steps), step.otherwise?.steps ?? []]
  return []
}

/** Every step of a route, parents before their children. */
export function* everyStep(steps: readonly StepDefinition[]): Generator<StepDefinition> {
  for (const step of steps) {
    yield step
    for (const block of blocksOf(step)) yield* everyStep(block)
  }
}

const nesting = (steps: readonly StepDefinition[]): number =>
  steps.reduce((deepest, step) => Math.max(deepest, ...blocksOf(step).map(block => 1 + nesting(block))), 0)
