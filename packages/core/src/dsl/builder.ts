import type { OnExceptionDefinition } from '../definition/on-exception.ts'
import { errorAt, rememberPlace } from '../definition/places.ts'
import type { RouteDefinition } from '../definition/route.ts'
import type { StepDefinition } from '../definition/steps.ts'
import { DromedaryError } from '../errors.ts'
import { VERSION } from '../version.ts'
import { fold, foldPart, misplaced, type Op } from './fold.ts'

/**
 * A place in a route that is being written: immutable, so a route's beginning can be shared. Each verb gives a new
 * builder; they form a list back to `from`. Verbs are joined onto the prototype by families.
 */
export class Builder {
  readonly #op: Op
  readonly #before: Builder | undefined
  #definition: RouteDefinition | OnExceptionDefinition | undefined

  constructor(op: Op, before?: Builder) {
    this.#op = op
    this.#before = before
    rememberPlace(partOf(op))
  }

  get '~core'(): string {
    return VERSION
  }

  /** The route, or the clause, as frozen plain data. Blocks that are still open end here. */
  get definition(): RouteDefinition | OnExceptionDefinition {
    try {
      this.#definition ??= this.#fold()
    } catch (error) {
      throw errorAt(this.#op, error)
    }
    return this.#definition
  }

  toJSON(): object {
    return this.definition
  }

  /** One more of anything. */
  append(op: Op): Builder {
    return new Builder(op, this)
  }

  step(step: StepDefinition): Builder {
    return this.append({ op: 'step', step })
  }

  #fold(): RouteDefinition | OnExceptionDefinition {
    const ops = this.#ops()
    if (ops[0]?.op !== 'part') return fold(ops)
    const [clause, more] = foldPart(ops).onException ?? []
    if (clause === undefined || more !== undefined) throw misplaced('onException() stands alone: pass each by itself')
    return clause
  }

  #ops(): Op[] {
    const ops: Op[] = []
    for (let at: Builder | undefined = this; at !== undefined; at = at.#before) ops.push(at.#op)
    return ops.reverse()
  }
}

const partOf = (op: Op): object => (op.op === 'step' ? op.step : op)

/** What a family of verbs is made of: the interface that users see, as functions on {@link Builder}. A surplus verb does not compile. */
export type Family<I> = {
  readonly [K in keyof I]-?: (this: Builder, ...args: I[K] extends (...args: infer A) => unknown ? A : never) => Builder
}

/** Joins a family onto the builder. Called once per family, when the module that lists them is loaded. */
export function addFamily(family: object): void {
  for (const [name, verb] of Object.entries(family)) {
    if (name in Builder.prototype)
      throw new DromedaryError('DROMEDARY_INVALID_STATE', `two families have the verb ${name}`)
    Object.defineProperty(Builder.prototype, name, { value: verb, configurable: true, writable: true })
  }
}
