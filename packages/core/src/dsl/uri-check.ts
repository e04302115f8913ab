import type { KnownTypes } from '../component/component-types.ts'
import type { Component } from '../component/contract.ts'
import type { EndpointRef } from '../component/endpoint-ref.ts'
import type { HintOf } from './uri-near.ts'
import type { QueryProblem } from './uri-options.ts'
import type { Clean, CutNamespace, IsPattern, SplitAtQuery } from './uri-text.ts'

/** What was passed to `routes({ timer, master })`. */
export type Components = Readonly<Record<string, Component>>

/**
 * `U` where the compiler finds nothing wrong with this endpoint URI; otherwise a sentence that says what, which no text
 * can be assigned to. Checked are scheme, option names and values, through `master:` to the delegate. Not checked is what
 * is only known later: placeholders, percent-encoded parts, and anything of type `string`, which is also the way out:
 * `uri as string`.
 */
export type Uri<U extends string, C> = string extends U | keyof C
  ? U
  : Problem<Clean<U>, C> extends infer E extends string
    ? E
    : U

/** What a route that consumes from `A`, a URI or a reference, finds in the body; unknown where only the start knows. */
export type BodyFrom<A, C> =
  A extends EndpointRef<infer B> ? B : A extends string ? (string extends A ? unknown : BodyOf<Clean<A>, C>) : unknown

type BodyOf<U extends string, C> = U extends `${infer S}:${infer Rest}`
  ? S extends keyof ByScheme<C>
    ? Types<ByScheme<C>[S]> extends infer T extends AnyTypes
      ? T['wraps'] extends true
        ? CutNamespaces<Rest, T['path']> extends infer D extends string
          ? BodyOf<D, C>
          : unknown
        : T['body']
      : unknown
    : unknown
  : unknown

type AnyTypes = KnownTypes<string, readonly unknown[], object, unknown, boolean>
type ByScheme<C> = { [K in keyof C as C[K] extends Component ? C[K]['scheme'] : never]: C[K] }
/** Undefined for a component of which the compiler knows nothing. */
type Types<K> = K extends { readonly '~type'?: infer T }
  ? NonNullable<T> extends AnyTypes
    ? NonNullable<T>
    : undefined
  : undefined

/** The sentence, or null. */
type Problem<U extends string, C> = U extends `${infer S}:${infer Rest}`
  ? S extends `${string}{{${string}`
    ? null
    : S extends keyof ByScheme<C>
      ? OfComponent<S, Rest, Types<ByScheme<C>[S]>, C>
      : IsPattern<S> extends true
        ? null
        : `no component has the scheme ${S}${HintOf<S, keyof ByScheme<C>>}`
  : U extends `${string}{{${string}`
    ? null
    : `${U} has no scheme: write scheme:path`

type OfComponent<S extends string, Rest extends string, T, C> = T extends AnyTypes
  ? T['wraps'] extends true
    ? OfDelegate<S, CutNamespaces<Rest, T['path']>, C>
    : SplitAtQuery<Rest> extends readonly [infer Path extends string, infer Query extends string]
      ? Path extends '' | '//'
        ? `${S} needs a path: write ${S}:name`
        : Query extends ''
          ? null
          : QueryProblem<S, Query, T['options']>
      : null
  : null

type OfDelegate<S extends string, Delegate, C> = Delegate extends string
  ? string extends Delegate
    ? null
    : Problem<Delegate, C>
  : `${S} needs a namespace and a URI: write ${S}:namespace:uri`

/** What is left behind the path parameters before the delegate; null when one is missing. */
type CutNamespaces<Rest extends string, P extends readonly unknown[]> = CutEach<
  Rest extends `//${infer Path}` ? Path : Rest,
  P
>
type CutEach<Rest, P extends readonly unknown[]> = P extends readonly [unknown, ...infer More]
  ? Rest extends string
    ? CutEach<CutNamespace<Rest>, More>
    : null
  : Rest extends ''
    ? null
    : Rest
