import { z } from 'zod'
import { type EndpointRef, isEndpointRef } from '../component/endpoint-ref.ts'
import { duration, flag, integer, oneOf, text } from '../component/options.ts'
import { constant, toExpression } from '../definition/expression.ts'
import type { ThrottleStep, WireTapStep } from '../definition/flow-steps.ts'
import { exact, lazily, parseNode } from '../definition/parse-node.ts'
import { type Ref, toRef } from '../definition/ref.ts'
import type { Processor } from '../exchange/exchange.ts'
import type { Family } from './builder.ts'
import { uriOf } from './routing-verbs.ts'
import type { At, Expr, State } from './state.ts'
import type { Uri } from './uri-check.ts'

export const wireTapOptions = lazily(() =>
  z.strictObject({
    copy: flag().default(true).describe('Sends a copy of the exchange; else a new, empty one.'),
    dynamicUri: flag().default(true).describe('The URI is Simple, evaluated per exchange, where it has ${ in it.'),
    variableSend: text().optional().describe('The variable that is sent as the body.'),
    ignoreInvalidEndpoint: flag()
      .default(false)
      .describe('Skip, instead of fail, when what comes out of a dynamic URI is no endpoint.'),
    cacheSize: integer({ min: -1 }).default(0).describe('How many producers are kept; 0 means 1000, -1 none.'),
  }),
)

export type WireTapOptions = z.input<ReturnType<typeof wireTapOptions>> & {
  /** Called with what is sent, before it is: for deep copies. A function, or the name of a bean. */
  readonly onPrepare?: string | Processor | Ref<Processor>
  /** Schemes that may come out of a dynamic URI. Give it wherever a part of the URI comes from outside. */
  readonly allowedSchemes?: readonly string[]
}

export const throttleOptions = lazily(() =>
  z.strictObject({
    mode: oneOf(['TotalRequests', 'ConcurrentRequests'])
      .default('TotalRequests')
      .describe('So many in a period; or so many at once, each until the end of its exchange.'),
    timePeriodMillis: duration({ min: 1 }).default(1000).describe('Length of the period.'),
    rejectExecution: flag().default(false).describe('Fails exchanges (DROMEDARY_THROTTLED) instead of delaying them.'),
  }),
)

export type ThrottleOptions<In = unknown> = z.input<ReturnType<typeof throttleOptions>> & {
  /** Each value of it has a limit of its own. */
  readonly correlationExpression?: Expr<In>
}

/** Where a wire tap leads: a URI that the compiler checks unless it is dynamic, or a reference. */
type TapUri<A, C> = A extends `${string}\${${string}` ? A : A extends string ? Uri<A, C> : A

/** Verbs that let exchanges pass, some of them later, or beside the route. */
export interface FlowVerbs<in out S extends State> {
  /** Wire Tap: sends a copy, and goes on without waiting for it; its failure is logged and changes nothing here. */
  wireTap<const A extends string | EndpointRef>(at: TapUri<A, S['components']>, options?: WireTapOptions): At<S>
  /** Throttler: at most so many exchanges in a second; the others wait, in order. The number may be an expression. */
  throttle(limit: number | Expr<S['body']>, options?: ThrottleOptions<S['body']>): At<S>
}

export const flowVerbs: Family<FlowVerbs<State>> = {
  wireTap(at: unknown, options: WireTapOptions = {}) {
    const { onPrepare, allowedSchemes, ...rest } = options
    const node = parseNode('wireTap', wireTapOptions(), rest)
    return this.step(
      exact({
        kind: 'wireTap',
        uri: uriOf(at),
        ...node,
        // What an endpoint reference holds is meant as it stands.
        dynamicUri: node.dynamicUri && !isEndpointRef(at),
        allowedSchemes,
        onPrepare: onPrepare && toRef(onPrepare),
      }) as WireTapStep,
    )
  },
  throttle(limit, options = {}) {
    const { correlationExpression, ...rest } = options
    return this.step(
      exact({
        kind: 'throttle',
        expression: typeof limit === 'number' ? constant(limit) : toExpression('throttle', limit),
        ...parseNode('throttle', throttleOptions(), rest),
        correlationExpression:
          correlationExpression === undefined
            ? undefined
            : toExpression('throttle: correlationExpression', correlationExpression),
      }) as ThrottleStep,
    )
  },
}
