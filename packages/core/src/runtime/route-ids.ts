import { errorAt } from '../definition/places.ts'
import type { RouteDefinition } from '../definition/route.ts'
import { DromedaryError } from '../errors.ts'
import { withoutQuery } from '../uri/without-query.ts'
import { sameValue } from './same-value.ts'

/** A route and what it is called. */
export interface IdentifiedRoute {
  readonly definition: RouteDefinition & { readonly id: string }
  /** Whether somebody gave the id. */
  readonly named: boolean
}

/**
 * Routes without an id become `route1`, `route2` …, passing over ids that are taken. Where routes run already, one
 * without an id has the generated one of the route that it is equal to, or else of one that consumes from the same URI, or
 * at least from the same with other options: an edit changes no id elsewhere.
 */
export function identify(
  definitions: readonly RouteDefinition[],
  running: readonly IdentifiedRoute[] = [],
): IdentifiedRoute[] {
  const taken = givenIds(definitions)
  const generated = running.filter(route => !route.named && !taken.has(route.definition.id))
  const found = new Map<number, string>()
  const find = (fits: (definition: RouteDefinition, route: IdentifiedRoute) => boolean) => {
    for (const [at, definition] of definitions.entries()) {
      if (definition.id !== undefined || found.has(at)) continue
      const match = generated.findIndex(route => fits(definition, route))
      if (match >= 0) found.set(at, generated.splice(match, 1)[0]?.definition.id as string)
    }
  }
  find(isSameRoute)
  find((definition, route) => definition.from.uri === route.definition.from.uri)
  find((definition, route) => withoutQuery(definition.from.uri) === withoutQuery(route.definition.from.uri))
  for (const { definition } of running) taken.add(definition.id)
  let count = 0
  return definitions.map((definition, at) => {
    let id = definition.id ?? found.get(at)
    while (id === undefined) {
      const next = `route${++count}`
      if (!taken.has(next)) id = next
    }
    return { definition: { ...definition, id }, named: definition.id !== undefined }
  })
}

/** Whether they are the same but for their ids. */
export const isSameRoute = (definition: RouteDefinition, { definition: other }: IdentifiedRoute): boolean =>
  sameValue({ ...definition, id: other.id }, other)

function givenIds(definitions: readonly RouteDefinition[]): Set<string> {
  const given = new Set<string>()
  for (const { id, from } of definitions) {
    if (id === undefined) continue
    if (given.has(id)) {
      const message = `two routes have the id ${id}: give each its own`
      throw errorAt(from, new DromedaryError('DROMEDARY_DUPLICATE_ROUTE_ID', message))
    }
    given.add(id)
  }
  return given
}
