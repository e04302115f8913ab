import { DromedaryError } from '../errors.ts'
import { type MadeByCore, refuseOtherCore } from '../one-core.ts'
import { maskUri } from '../uri/mask.ts'
import type { ErrorHandlerDefinition } from './error-handler.ts'
import type { OnExceptionDefinition } from './on-exception.ts'
import type { StepDefinition } from './steps.ts'

/** A route as frozen plain data: prints, compares, serialises (but for functions). TypeScript and YAML make the same one. */
export interface RouteDefinition {
  /** `route1`, `route2` … in the order of the context where it is not given. */
  readonly id?: string
  readonly description?: string
  readonly from: FromDefinition
  readonly steps: readonly StepDefinition[]
  /** Whether the route starts with its context; default true. */
  readonly autoStartup?: boolean
  /** Lower numbers start first and stop last; routes without one follow, in order, from 1000 on. */
  readonly startupOrder?: number
  /** The context's where it is not given. */
  readonly errorHandler?: ErrorHandlerDefinition
  /** Before those of the context. */
  readonly onException?: readonly OnExceptionDefinition[]
}

export interface FromDefinition {
  readonly uri: string
}

/** What a context takes for a route: a definition, or a builder that has one. */
export type RouteSource = RouteDefinition | ({ readonly definition: RouteDefinition } & MadeByCore)

export function toDefinition(source: RouteSource): RouteDefinition {
  // Most often an export that is not there, of a module that no compiler has seen.
  if (typeof source !== 'object' || source === null)
    throw new DromedaryError('DROMEDARY_INVALID_ROUTE', `one of the routes is ${source}: from(…) makes a route`)
  if (!('definition' in source)) return source
  refuseOtherCore(`the route from ${maskUri(source.definition.from.uri)}`, source)
  return source.definition
}
