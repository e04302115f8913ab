/** Where something is written in the sources. */
export interface SourcePlace {
  /** Absolute path. */
  readonly file: string
  readonly line: number
  /** From 1. */
  readonly column: number
}

/** Picks the place that counts out of a stack trace. Called for each verb of each route: strings should be shared. */
export type FindPlace = (stack: string) => SourcePlace | undefined

let find: FindPlace | undefined
/** Beside the definitions, which stay plain data: two routes that are written alike are alike, wherever they stand. */
const ofParts = new WeakMap<object, SourcePlace>()
const ofErrors = new WeakMap<object, SourcePlace>()

/**
 * For tools: from now on each `from` and each verb remembers where it was called, so that {@link placeOfError} can tell.
 * Costs a stack trace for each of them; without this call, nothing.
 */
export function recordPlaces(findPlace: FindPlace): void {
  find = findPlace
}

/** Where the part of a route is written that an error of `start` or `changeRoutes` is about; see {@link recordPlaces}. */
export function placeOfError(error: unknown): SourcePlace | undefined {
  return isObject(error) ? ofErrors.get(error) : undefined
}

/** A verb was called. */
export function rememberPlace(part: object): void {
  if (find === undefined) return
  const place = find(new Error().stack ?? '')
  if (place !== undefined) ofParts.set(part, place)
}

/** Where a part of a route is written; see {@link recordPlaces}. */
export const placeOfPart = (part: object): SourcePlace | undefined => ofParts.get(part)

/** One part of a route takes the place of another one. */
export function movePlace<T extends object>(from: object, to: T): T {
  const place = find && ofParts.get(from)
  if (place !== undefined) ofParts.set(to, place)
  return to
}

/** Gives the error back; the innermost part that it passes is the one that it is about. */
export function errorAt(part: object, error: unknown): unknown {
  const place = find && ofParts.get(part)
  if (place !== undefined && isObject(error) && !ofErrors.has(error)) ofErrors.set(error, place)
  return error
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
