/** What {@link readMember} answers for a member that is not there. */
export const NOTHING: unique symbol = Symbol('nothing')

/** Names that lead from a value to the machinery behind it; refused wherever they stand, also as keys. */
export const isForbidden = (name: string): boolean =>
  name === 'constructor' || name === 'prototype' || name.startsWith('__')

const TYPED_ARRAY = Object.getPrototypeOf(Uint8Array.prototype) as object
const BUILT_IN: ReadonlySet<object> = new Set(
  [Object, Function, Array, Map, Set, WeakMap, WeakSet, Date, String, Number, Boolean, Symbol, BigInt, RegExp, Promise]
    .map(type => type.prototype as object)
    .concat([Error.prototype, ArrayBuffer.prototype, Uint8Array.prototype, Buffer.prototype, TYPED_ARRAY]),
)

/** Members of built-in types that may be used: they take no arguments and change nothing. */
const STRING_METHODS: ReadonlySet<string> = new Set(['trim', 'toUpperCase', 'toLowerCase', 'toString'])
const DATE_METHODS = /^(?:get|to)[A-Z]\w*$/

/**
 * Reads a property, or calls a method without arguments: own properties, keys of a Map, members of the value's own
 * classes, and of built-in types only those that change nothing. `name` finds `getName()` and `isName()` as well, and
 * `getName` finds `name`.
 */
export function readMember(target: NonNullable<unknown>, name: string): unknown {
  if (isForbidden(name)) return NOTHING
  const direct = lookUp(target, name)
  if (direct !== NOTHING) return direct
  const general = readGeneral(target, name)
  if (general !== NOTHING) return general
  const property = /^(?:get|is)([A-Z])(\w*)$/.exec(name)
  if (property) return lookUp(target, `${property[1]?.toLowerCase()}${property[2]}`)
  const capitalized = name.charAt(0).toUpperCase() + name.slice(1)
  const getter = lookUp(target, `get${capitalized}`)
  return getter === NOTHING ? lookUp(target, `is${capitalized}`) : getter
}

function lookUp(target: NonNullable<unknown>, name: string): unknown {
  if (isForbidden(name)) return NOTHING
  if (target instanceof Map && target.has(name)) return target.get(name)
  return hasMember(target, name) ? invoke(target, (target as Record<string, unknown>)[name]) : NOTHING
}

function hasMember(target: NonNullable<unknown>, name: string): boolean {
  if (Object.hasOwn(target, name)) return true
  let prototype: object | null = Object.getPrototypeOf(target)
  while (prototype !== null && !BUILT_IN.has(prototype)) {
    if (Object.hasOwn(prototype, name)) return true
    prototype = Object.getPrototypeOf(prototype)
  }
  if (typeof target === 'string') return STRING_METHODS.has(name)
  if (target instanceof Date) return DATE_METHODS.test(name) && name in target
  return target instanceof Error && (name === 'name' || name === 'message')
}

/** Methods that need arguments are not called: there are none to give. */
function invoke(target: NonNullable<unknown>, member: unknown): unknown {
  if (typeof member !== 'function') return member
  return member.length === 0 ? member.call(target) : NOTHING
}

/** `size`, `length`, `isEmpty` of whatever has elements or characters. */
function readGeneral(target: NonNullable<unknown>, name: string): unknown {
  if (name === 'size' || name === 'length') return sizeOf(target) ?? NOTHING
  if (name === 'isEmpty') {
    const size = sizeOf(target)
    return size === undefined ? NOTHING : size === 0
  }
  return NOTHING
}

/** The number of elements, entries or characters; undefined for a value that has none of these. */
export function sizeOf(value: unknown): number | undefined {
  if (typeof value === 'string' || Array.isArray(value) || value instanceof Uint8Array) return value.length
  if (value instanceof Map || value instanceof Set) return value.size
  return isPlain(value) ? Object.keys(value).length : undefined
}

/** An object literal, or one without prototype: what stands for Java's Map. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

/** `[key]`: an element of a list, by number, `last` or `last-2`, or the entry of a map or object. */
export function readIndex(target: NonNullable<unknown>, key: string): unknown {
  const list =
    Array.isArray(target) || target instanceof Uint8Array ? target : target instanceof Set ? [...target] : undefined
  if (list !== undefined) {
    const match = /^(?:(\d+)|last(?:\s*-\s*(\d+))?)$/.exec(key)
    if (match === null) return readMember(target, key)
    return match[1] === undefined ? list[list.length - 1 - Number(match[2] ?? 0)] : list[Number(match[1])]
  }
  if (target instanceof Map) return target.get(key) ?? (/^\d+$/.test(key) ? target.get(Number(key)) : undefined)
  return typeof target === 'object' ? readMember(target, key) : NOTHING
}
