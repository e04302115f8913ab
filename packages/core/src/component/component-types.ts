import type { Component, ComponentTypes } from './contract.ts'
import type { EndpointRef } from './endpoint-ref.ts'
import type { PathParameter } from './path-syntax.ts'

/** What the compiler knows of a component that was made by `defineComponent`. */
export interface KnownTypes<S extends string, P extends readonly unknown[], O extends object, B, W extends boolean>
  extends ComponentTypes<O, B> {
  readonly scheme: S
  /** The path parameters; of a wrapping component those before the delegate. */
  readonly path: P
  readonly wraps: W
}

/**
 * A component that can be called. With path and options it gives an endpoint; with options alone, the same component
 * with other defaults; what is required may come from either. Give each component's type a name, so that compiler errors stay short:
 * `interface TimerComponent extends EndpointComponent<'timer', [timerName: string], TimerOptions, null> {}`
 */
export interface EndpointComponent<S extends string, P extends readonly unknown[], O extends object, B = unknown>
  extends Component<O, B> {
  readonly scheme: S
  readonly '~type'?: KnownTypes<S, P, O, B, false>
  (...path: [...P, options?: Partial<O>]): EndpointRef<B>
  (defaults: Partial<O>): this
}

/** A component whose last path parameter is another endpoint, to which the whole query belongs: `master:`. */
export interface WrappingComponent<S extends string, P extends readonly unknown[], O extends object = object>
  extends Component<O, unknown> {
  readonly scheme: S
  readonly '~type'?: KnownTypes<S, P, O, unknown, true>
  <D = unknown>(...path: [...P, delegate: EndpointRef<D> | string]): EndpointRef<D>
  (defaults: Partial<O>): this
}

/** The names in a syntax such as `protocol://host:port`, in order. */
export type SyntaxNames<Syntax extends string> = Syntax extends `${infer A}:${infer B}`
  ? [...SyntaxNames<A>, ...SyntaxNames<B>]
  : Syntax extends `${infer A}/${infer B}`
    ? [...SyntaxNames<A>, ...SyntaxNames<B>]
    : Syntax extends ''
      ? []
      : [Syntax]

/** What is written for each name: a text, or perhaps nothing where it is marked as optional. */
export type PathValues<Names extends readonly string[], Path> = {
  [K in keyof Names]: Path[Names[K] & keyof Path] extends { readonly optional: true } ? string | undefined : string
}

/** The values of the path by name, as the endpoint sees them. */
export type PathByName<Path> = {
  readonly [K in keyof Path]: Path[K] extends { readonly optional: true } ? string | undefined : string
}

/** All but the last. */
export type ButLast<T extends readonly unknown[]> = T extends readonly [...infer Head, unknown] ? Head : []

/** The descriptions of the path parameters of a syntax: exactly its names. */
export type PathOf<Syntax extends string> = { readonly [K in SyntaxNames<Syntax>[number]]: PathParameter }

/** Says to the compiler what nothing at run time says. */
export interface TypeWitness<T> {
  readonly '~witness'?: T
}

/** A type as a value: `body: typeOf<Buffer>()`. */
export function typeOf<T>(): TypeWitness<T> {
  return {}
}
