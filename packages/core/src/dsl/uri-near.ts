/**
 * `; did you mean period?`, or nothing. Near are names that become the same when one character or none is left out of
 * each: one inserted, left out, replaced, or two neighbours swapped. Worked out only once there is an error.
 */
export type HintOf<Written extends string, Known> =
  NearTo<Known, Deletions<Lowercase<Written>>> extends infer Near
    ? [Near] extends [never]
      ? ''
      : `; did you mean ${Near & string}?`
    : never

type NearTo<Known, Wanted extends string> = Known extends string
  ? [Deletions<Lowercase<Known>> & Wanted] extends [never]
    ? never
    : Known
  : never

/** The text, and each text that is left when one character of it is taken out. */
type Deletions<
  Text extends string,
  Before extends string = '',
  All extends string = Text,
> = Text extends `${infer First}${infer Rest}` ? Deletions<Rest, `${Before}${First}`, All | `${Before}${Rest}`> : All
