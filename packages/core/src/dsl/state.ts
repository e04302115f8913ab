import type { ExpressionDefinition } from '../definition/expression.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { Choice, Filter, Otherwise, When } from './blocks.ts'
import type { IdempotentConsumer } from './consumer-verbs.ts'
import type { Aggregated, Split } from './gathering-verbs.ts'
import type { OnException, OnExceptionAlone } from './on-exception.ts'
import type { Route } from './route-verbs.ts'
import type { DoCatch, DoFinally, DoTry } from './try-verbs.ts'
import type { Components } from './uri-check.ts'

/**
 * What the compiler knows at a place in a route: one bag instead of many type parameters. The body comes first
 * because errors print it first.
 *
 * Every interface over it says `in out S`: else the compiler works out by itself how they vary, following each verb into
 * each kind of block, and a dozen kinds cost it minutes and gigabytes.
 */
export interface State {
  body: unknown
  components: Components
  /** The block that the place is in. */
  // biome-ignore lint/suspicious/noExplicitAny: only the keys of Blocks matter here
  in: keyof Blocks<any>
  outer: unknown
  /** Bodies that the branches before this one ended with. */
  joined: unknown
}

/** Which verbs there are in which block. A new block is a line here and a file beside `blocks.ts`. */
export interface Blocks<S extends State> {
  route: Route<S>
  filter: Filter<S>
  split: Split<S>
  aggregate: Aggregated<S>
  choice: Choice<S>
  when: When<S>
  otherwise: Otherwise<S>
  idempotentConsumer: IdempotentConsumer<S>
  doTry: DoTry<S>
  doCatch: DoCatch<S>
  doFinally: DoFinally<S>
  onException: OnException<S>
  onExceptionAlone: OnExceptionAlone<S>
}

/** The builder that stands at a place. */
export type At<S extends State> = Blocks<S>[S['in']]

/** At the beginning of a route. */
export interface Root<B, C extends Components> {
  body: B
  components: C
  in: 'route'
  outer: never
  joined: never
}

/** The same place with another body. */
export interface With<S extends State, B> {
  body: B
  components: S['components']
  in: S['in']
  outer: S['outer']
  joined: S['joined']
}

/** Inside of a new block. */
export interface Open<S extends State, K extends State['in']> {
  body: S['body']
  components: S['components']
  in: K
  outer: S
  joined: never
}

/** Another branch of the same block: it begins with the body from before the block. */
export interface Branch<S extends State, K extends State['in']> {
  body: BodyOf<S['outer']>
  components: S['components']
  in: K
  outer: S['outer']
  joined: S['joined'] | S['body']
}

export type BodyOf<S> = S extends State ? S['body'] : never

/** After a block that may or may not have run, or of which one of several branches ran. */
export type Closed<S extends State> = S['outer'] extends infer O extends State
  ? At<With<O, S['joined'] | S['body'] | O['body']>>
  : never

/**
 * An expression in a verb: Simple as a string, a function, or an expression object, such as `constant(1)`. Anything else is
 * `DROMEDARY_INVALID_OPTION`.
 */
export type Expr<In> = string | ExpressionDefinition | ((exchange: Exchange<In>) => unknown)

/** What an expression gives for a body of type `In`, as far as the compiler can tell. */
export type ResultOf<E, In = unknown> = E extends (...args: never[]) => infer R
  ? Awaited<R>
  : E extends { readonly language: 'constant'; readonly value: infer V }
    ? V
    : E extends { readonly language: 'body' }
      ? In
      : unknown

/** A condition in a verb: a Simple predicate as a string, a function, or an expression object. Anything else is `DROMEDARY_INVALID_OPTION`. */
export type Condition<In> = string | ExpressionDefinition | ((exchange: Exchange<In>) => boolean)
