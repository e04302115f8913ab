import type { ErrorHandlerDefinition } from '../definition/error-handler.ts'
import type { RouteDefinition } from '../definition/route.ts'
import type { Verbs } from './blocks.ts'
import type { Family } from './builder.ts'
import type { State } from './state.ts'

/** What is said of the route as a whole. */
export interface RouteVerbs<S extends State> {
  /** Unique in its context. Logs, metrics and transactional ids name it: give one. */
  routeId(id: string): Route<S>
  description(text: string): Route<S>
  /** Whether the route starts with its context; default true. */
  autoStartup(start: boolean): Route<S>
  /** Lower numbers start first and stop last. */
  startupOrder(order: number): Route<S>
  /** Instead of the context's. */
  errorHandler(handler: ErrorHandlerDefinition): Route<S>
}

/** A route that is being written, outside of any block. */
export interface Route<S extends State> extends Verbs<S>, RouteVerbs<S> {
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
}
