import type { ErrorHandlerDefinition } from '../definition/error-handler.ts'
import type { ErrorType } from '../definition/error-type.ts'
import type { RouteDefinition } from '../definition/route.ts'
import type { Verbs } from './blocks.ts'
import type { Family } from './builder.ts'
import { clauseOp, type InClause, type OnExceptionBegun } from './on-exception.ts'
import type { State } from './state.ts'

/** What is said of the route as a whole. */
export interface RouteVerbs<in out S extends State> {
  /** Unique in its context. Logs, metrics and transactional ids name it: give one. */
  routeId(id: string): Route<S>
  /** A sentence for people. */
  description(text: string): Route<S>
  /** Whether the route starts with its context; default true. */
  autoStartup(start: boolean): Route<S>
  /** Lower numbers start first and stop last. */
  startupOrder(order: number): Route<S>
  /** The error handler of this route, instead of the context's. */
  errorHandler(handler: ErrorHandlerDefinition): Route<S>
  /**
   * What is done about failures of these kinds, or without any about all: written before the steps, and closed by `end()`.
   * The closest fit wins, and a clause of the route before one of the context.
   */
  onException(...exception: readonly ErrorType[]): OnExceptionBegun<InClause<S>>
}

/** A route that is being written, outside of any block. */
export interface Route<in out S extends State> extends Verbs<S>, RouteVerbs<S> {
  /** The route so far as frozen plain data. */
  readonly definition: RouteDefinition
}

export const routeVerbs: Family<RouteVerbs<State>> = {
  routeId(id) {
    return this.append({ op: 'route', set: { id } })
  },
  description(description) {
    return this.append({ op: 'route', set: { description } })
  },
  autoStartup(autoStartup) {
    return this.append({ op: 'route', set: { autoStartup } })
  },
  startupOrder(startupOrder) {
    return this.append({ op: 'route', set: { startupOrder } })
  },
  errorHandler(errorHandler) {
    return this.append({ op: 'route', set: { errorHandler } })
  },
  onException(...exception) {
    return this.append(clauseOp(exception))
  },
}
