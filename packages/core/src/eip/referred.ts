import type { Ref } from '../definition/ref.ts'
import { DromedaryError } from '../errors.ts'
import type { Processor } from '../exchange/exchange.ts'

/**
 * What a reference stands for: the thing itself, or the bean of that name. `what` asks for it, `must` says what it has to
 * be. Throws `DROMEDARY_UNKNOWN_BEAN`.
 */
export function referred<T>(
  { ref }: Ref<T>,
  what: string,
  lookup: (name: string) => unknown,
  fits: (bean: unknown) => boolean,
  must: string,
): T {
  const name = typeof ref === 'string' ? ref.replace(/^#(bean:)?/, '') : undefined
  const found = name === undefined ? ref : lookup(name)
  if (fits(found)) return found as T
  const problem = found === undefined ? 'there is no such bean' : `it is not ${must}`
  throw new DromedaryError('DROMEDARY_UNKNOWN_BEAN', `${what} names ${name ?? 'an object'}: ${problem}`)
}

/** A step that is referred to. */
export const referredProcessor = (ref: Ref<Processor>, what: string, lookup: (name: string) => unknown): Processor =>
  referred(ref, what, lookup, bean => typeof bean === 'function', 'a function')
