import type { HintOf } from './uri-near.ts'
import type { FirstOption, IsPattern } from './uri-text.ts'

/** The first mistake in a query, as a sentence, or null. `O` is what may be written in the object form. */
export type QueryProblem<S extends string, Q extends string, O> =
  FirstOption<Q> extends readonly [infer Key extends string, infer Value extends string, infer More]
    ? OptionProblem<S, Key, Value, O> extends infer E extends string
      ? E
      : More extends string
        ? More extends ''
          ? `the URI of ${S} ends in &`
          : QueryProblem<S, More, O>
        : null
    : null

/** Texts that are decoded or resolved only later. */
type Later = `${string}${'{{' | '%' | '+'}${string}`
type IsLater<U extends string> = U extends Later ? true : IsPattern<U>

type OptionProblem<S extends string, Key extends string, Value extends string, O> = Key extends keyof O
  ? ValueProblem<S, Key, Value, NonNullable<O[Key]>>
  : IsLater<Key> extends true
    ? null
    : Key extends ''
      ? `the URI of ${S} has an option without a name, or && outside RAW()`
      : Key extends `${infer Prefix}.${string}`
        ? IsPrefix<Prefix, O> extends true
          ? null
          : `${S} has no option ${Key}${HintOf<Prefix, keyof O>}`
        : `${S} has no option ${Key}${HintOf<Key, keyof O>}`

/** Whether the option takes names of the user's own, as `additionalProperties.x` does. */
type IsPrefix<Key, O> = Key extends keyof O ? (string extends keyof NonNullable<O[Key]> ? true : false) : false

/** `T` is what the option takes in the object form. */
type ValueProblem<S extends string, Key extends string, Value extends string, T> = Value extends T
  ? '1s' extends T
    ? string extends T
      ? null
      : NegativeProblem<S, Key, Value>
    : null
  : IsLater<Value> extends true
    ? null
    : WrongValue<S, Key, Value, T>

/** What the option takes tells a duration from a flag, and so on. */
type WrongValue<S extends string, Key extends string, Value extends string, T> = '1s' extends T
  ? `option ${Key} of ${S} is no duration: ${Value}; write milliseconds or a text such as 1m30s`
  : true extends T
    ? Lowercase<Value> extends 'true' | 'false'
      ? null
      : `option ${Key} of ${S} must be true or false, not ${Value}`
    : number extends T
      ? `option ${Key} of ${S} must be a ${'0.5' extends T ? 'number' : 'whole number'}, not ${Value}`
      : '#bean:x' extends T
        ? `option ${Key} of ${S} must name a bean: #bean:${Value}`
        : Lowercase<Value> extends Lowercase<T & string>
          ? null
          : `option ${Key} of ${S} has no value ${Value}${HintOf<Value, Spelling<Words<T>>>}`

/** The type `${bigint}s` lets `-5s` pass. */
type NegativeProblem<S extends string, Key extends string, Value extends string> = Value extends `-${infer Rest}`
  ? Rest extends `${bigint}`
    ? null
    : `option ${Key} of ${S} is no duration: ${Value}; negative ones are plain milliseconds`
  : null

type Words<T> = T extends string ? (T extends `${string}{{${string}` ? never : T) : never

/** Each word may be written in lower case as well: the hint gives the proper form only. */
type Spelling<W extends string> = [Exclude<W, Lowercase<W>>] extends [never] ? W : Exclude<W, Lowercase<W>>
