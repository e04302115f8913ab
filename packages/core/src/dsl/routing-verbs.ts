import { type EndpointRef, isEndpointRef } from '../component/endpoint-ref.ts'
import { constant, toExpression } from '../definition/expression.ts'
import type { Exchange, ExchangePattern, Processor } from '../exchange/exchange.ts'
import type { LogLevel } from '../logger.ts'
import type { Duration } from '../uri/duration.ts'
import type { Family } from './builder.ts'
import type { At, Expr, State, With } from './state.ts'
import type { Uri } from './uri-check.ts'

export interface ToOptions {
  /** Forces the exchange pattern for this send. */
  readonly pattern?: ExchangePattern
}

export interface ToDynamicOptions extends ToOptions {
  /** Schemes that may come out; any where it is not given. Give it wherever a part of the URI comes from outside. */
  readonly allowedSchemes?: readonly string[]
  /** Skip, instead of fail, when what comes out is no endpoint. Default false. */
  readonly ignoreInvalidEndpoint?: boolean
  /** How many producers are kept; 0 (the default) means 1000, -1 none. */
  readonly cacheSize?: number
}

export interface LogOptions {
  /** Default `info`. */
  readonly level?: LogLevel
  /** Category; the route id by default. */
  readonly name?: string
}

/** Verbs that run code or send somewhere. */
export interface RoutingVerbs<in out S extends State> {
  /** Names the step before it. */
  id(id: string): At<S>
  /** A function that changes the exchange in place, may be asynchronous, and whose other results are ignored; or a bean that is one. */
  process<B = S['body']>(
    processor: ((exchange: Exchange<S['body']>) => unknown) | { readonly ref: string },
  ): At<With<S, B>>
  /** Calls a method with body and exchange; what it returns becomes the body. */
  bean<B = unknown>(ref: string | object, method?: string): At<With<S, B>>
  /** Logs a Simple text. */
  log(message: string, options?: LogOptions): At<S>
  /** Sends to a fixed endpoint. */
  to<const A extends string | EndpointRef>(
    at: A extends string ? Uri<A, S['components']> : A,
    options?: ToOptions,
  ): At<With<S, unknown>>
  /** Sends to an endpoint whose URI is Simple, evaluated per exchange. */
  toD(uri: string, options?: ToDynamicOptions): At<With<S, unknown>>
  /** Waits: milliseconds or `1m30s`, or an expression that gives one. */
  delay(time: Duration | Expr<S['body']>): At<S>
  /** Ends the exchange, as completed. */
  stop(): At<S>
}

/** The URI of either form. */
export const uriOf = (at: unknown): string => (isEndpointRef(at) ? at.uri : String(at))

export const routingVerbs: Family<RoutingVerbs<State>> = {
  id(id) {
    return this.append({ op: 'id', id })
  },
  process(processor) {
    return this.step({ kind: 'process', processor: processor as Processor | { readonly ref: string } })
  },
  bean(ref, method) {
    return this.step({ kind: 'bean', ref, ...(method === undefined ? {} : { method }) })
  },
  log(message, options = {}) {
    const { level = 'info', name } = options
    return this.step({ kind: 'log', message, loggingLevel: level, ...(name === undefined ? {} : { logName: name }) })
  },
  to(at, options = {}) {
    const { pattern } = options
    return this.step({ kind: 'to', uri: uriOf(at), ...(pattern === undefined ? {} : { pattern }) })
  },
  toD(uri, options = {}) {
    const { ignoreInvalidEndpoint = false, cacheSize = 0, ...rest } = options
    return this.step({ kind: 'toD', uri, ignoreInvalidEndpoint, cacheSize, ...rest })
  },
  delay(time) {
    const expression = typeof time === 'number' ? constant(time) : toExpression('delay', time)
    return this.step({ kind: 'delay', expression })
  },
  stop() {
    return this.step({ kind: 'stop' })
  },
}
