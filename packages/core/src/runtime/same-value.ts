/** Deeper than this it is no definition: a circle. */
const DEEPEST = 200

/**
 * Whether one may stand for the other: the same thing, or plain data that is equal throughout. Functions and objects of
 * classes are equal to themselves alone: what two of them have captured cannot be compared.
 */
export function sameValue(one: unknown, other: unknown, depth = 0): boolean {
  if (Object.is(one, other)) return true
  if (depth > DEEPEST) return false
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false
  if (Array.isArray(one)) {
    return (
      Array.isArray(other) &&
      one.length === other.length &&
      one.every((item, at) => sameValue(item, other[at], depth + 1))
    )
  }
  if (!isPlain(one) || !isPlain(other)) return false
  const keys = Object.keys(one)
  return keys.length === Object.keys(other).length && keys.every(key => sameProperty(key, one, other, depth))
}

const sameProperty = (key: string, one: object, other: object, depth: number): boolean =>
  Object.hasOwn(other, key) && sameValue(Reflect.get(one, key), Reflect.get(other, key), depth + 1)

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  return Object.getOwnPropertySymbols(value).length === 0
}
