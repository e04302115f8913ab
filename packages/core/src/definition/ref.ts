/**
 * Something of the user's in a definition: the name of a bean (`name`, `#name` or `#bean:name`), or the thing itself,
 * which stays the user's: it is not frozen, and does not serialise.
 */
export interface Ref<T> {
  readonly ref: string | T
}

/** Brings the three ways of writing one into that form: a name, the thing itself, or `{ ref }` already. */
export function toRef<T extends object>(from: string | T | Ref<T>): Ref<T> {
  if (typeof from === 'string') return { ref: from }
  return 'ref' in from && Object.keys(from).length === 1 ? (from as Ref<T>) : { ref: from as T }
}
