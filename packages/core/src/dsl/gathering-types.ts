import type { At, State, With } from './state.ts'

/** What a split takes out of a value, one after the other. */
export type ElementOf<T, D> = D extends 'single' | 'SINGLE' ? T : IsAny<T> extends true ? T : ItemOf<T>

type IsAny<T> = 0 extends 1 & T ? true : false

type ItemOf<T> = unknown extends T
  ? unknown
  : T extends string
    ? string
    : T extends null | undefined
      ? never
      : T extends Uint8Array
        ? T
        : T extends AsyncIterable<infer E> | Iterable<infer E> | Iterator<infer E>
          ? E
          : T

/** Inside of a block whose steps see another body than those around it; `joined` is the body after its end. */
export interface OpenWith<S extends State, K extends State['in'], B, Joined> {
  body: B
  components: S['components']
  in: K
  outer: S
  joined: Joined
}

/** After such a block. */
export type ClosedWith<S extends State> = S['outer'] extends infer O extends State ? At<With<O, S['joined']>> : never
