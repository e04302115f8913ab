/** One line, and `{{}}` in the place of each placeholder, so that what stands in it disturbs nothing. */
export type Clean<U extends string> = Erase<JoinLines<U>>

/** Line ends go, with the blanks around them. */
type JoinLines<U extends string> = U extends `${infer Before}\n${infer After}`
  ? JoinLines<`${TrimEnd<Before>}${TrimStart<After>}`>
  : U
type TrimStart<U extends string> = U extends `${' ' | '\n' | '\r' | '\t'}${infer Rest}` ? TrimStart<Rest> : U
type TrimEnd<U extends string> = U extends `${infer Rest}${' ' | '\n' | '\r' | '\t'}` ? TrimEnd<Rest> : U

type Erase<U extends string> = U extends `${infer Before}{{${infer Inside}}}${infer After}`
  ? Inside extends `${string}{{${string}`
    ? Erase<`${Before}{{${DropInnermost<Inside>}${After}`>
    : `${Before}{{}}${Erase<After>}`
  : U

/** The first `}}` closes the last `{{`: that placeholder goes. */
type DropInnermost<Inside extends string> = Inside extends `${infer Before}{{${infer Inner}`
  ? Inner extends `${string}{{${string}`
    ? `${Before}{{${DropInnermost<Inner>}`
    : Before
  : Inside

/** Path and query; the query is empty when there is none. */
export type SplitAtQuery<U extends string> = U extends `${infer Path}?${infer Query}`
  ? readonly [Path, Query]
  : readonly [U, '']

/** What stands behind the first colon; null when there is none, or nothing before it. */
export type CutNamespace<U extends string> = U extends `${infer Namespace}:${infer Rest}`
  ? Namespace extends ''
    ? null
    : Rest
  : string extends U
    ? string
    : null

/** The first option of a query: key, value, and what follows its `&`, which is null at the end. A RAW value is `string`. */
export type FirstOption<Q extends string> = Q extends `${infer Key}=${infer Rest}`
  ? Key extends `${infer Bare}&${infer More}`
    ? readonly [Bare, '', `${More}=${Rest}`]
    : Rest extends `RAW(${infer Raw}`
      ? readonly [Key, string, AfterRaw<Raw, ')'>]
      : Rest extends `RAW{${infer Raw}`
        ? readonly [Key, string, AfterRaw<Raw, '}'>]
        : Rest extends `${infer Value}&${infer More}`
          ? readonly [Key, Value, More]
          : readonly [Key, Rest, null]
  : Q extends `${infer Bare}&${infer More}`
    ? readonly [Bare, '', More]
    : readonly [Q, '', null]

type AfterRaw<Raw extends string, Bracket extends string> = Raw extends `${string}${Bracket}&${infer More}`
  ? More
  : null

/** Whether the text is more than one text, such as `timer:${string}`. */
export type IsPattern<U extends string> = Record<never, never> extends Record<U, true> ? true : false
