import type { EndpointRef } from '../component/endpoint-ref.ts'
import type { ErrorType } from '../definition/error-type.ts'
import { blockVerbs } from './blocks.ts'
import { addFamily, Builder } from './builder.ts'
import { consumerVerbs } from './consumer-verbs.ts'
import { dataVerbs } from './data-verbs.ts'
import { flowVerbs } from './flow-verbs.ts'
import { gatheringVerbs } from './gathering-verbs.ts'
import { messageVerbs } from './message-verbs.ts'
import { clauseOp, clauseVerbs, type InClauseAlone, type OnExceptionAloneBegun } from './on-exception.ts'
import { resumeVerbs } from './resume-verbs.ts'
import { type Route, routeVerbs } from './route-verbs.ts'
import { routingVerbs, uriOf } from './routing-verbs.ts'
import type { Root } from './state.ts'
import { tryVerbs } from './try-verbs.ts'
import type { BodyFrom, Components, Uri } from './uri-check.ts'

for (const family of [
  messageVerbs,
  routingVerbs,
  blockVerbs,
  gatheringVerbs,
  flowVerbs,
  dataVerbs,
  tryVerbs,
  clauseVerbs,
  consumerVerbs,
  resumeVerbs,
  routeVerbs,
])
  addFamily(family)

/** Begins a route. Exactly one signature, so that the sentence of the URI check reaches the user. */
export type From<C extends Components> = <const A extends string | EndpointRef>(
  at: A extends string ? Uri<A, C> : A,
) => Route<Root<BodyFrom<A, C>, C>>

/** No components known to the compiler: any URI is taken, and checked when the context starts. */
type AnyComponents = Components

/** Begins a route from a URI or an endpoint reference. The URI is checked when the context starts. */
export const from: From<AnyComponents> = at => new Builder({ op: 'from', uri: uriOf(at) }) as never

/**
 * What is done about failures of these kinds, or without any about all, in every route of a context: pass it to
 * `createContext({ onException: […] })`. Routes with `noErrorHandler` are left out. Camel: `onException` of a RouteBuilder.
 */
export const onException = (...exception: readonly ErrorType[]): OnExceptionAloneBegun<InClauseAlone> =>
  new Builder(clauseOp(exception)) as never

/**
 * A `from` whose URIs, and those of its `to`, the compiler checks against these components: schemes, options and their
 * values, through `master:` to the delegate. `as string` escapes.
 */
export function routes<const C extends Components>(components: C): { readonly from: From<C>; readonly components: C } {
  return { from: from as unknown as From<C>, components }
}
