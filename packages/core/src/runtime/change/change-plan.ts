import { errorAt } from '../../definition/places.ts'
import { type RouteSource, toDefinition } from '../../definition/route.ts'
import { DromedaryError } from '../../errors.ts'
import type { RouteChange } from '../context-contract.ts'
import { resolvedTexts } from '../resolved-texts.ts'
import type { Route } from '../route.ts'
import { buildRoute, type RouteFactory } from '../route-builder.ts'
import { identify, isSameRoute } from '../route-ids.ts'
import { sameValue } from '../same-value.ts'

/** What a new set of routes means for the one that there is. */
export interface ChangePlan {
  /** The new set, in the order of writing. */
  readonly routes: readonly Route[]
  /** Those of it that are new, built and not started. */
  readonly coming: readonly Route[]
  /** Those that are no part of it. One that is replaced has the id of one that comes. */
  readonly leaving: readonly Route[]
  readonly change: RouteChange
}

/** What the placeholders of a route stood for when it was built: another value of a property is another route. */
const textsOf = new WeakMap<Route, readonly string[]>()

/** Every route of a context, checked and compiled. Throws the first thing that is wrong, when what was built has been freed. */
export function planRoutes(
  sources: Iterable<RouteSource>,
  running: readonly Route[],
  factory: RouteFactory,
): ChangePlan {
  const identified = identify([...sources].map(toDefinition), running)
  const before = new Map(running.map(route => [route.id, route]))
  const coming: Route[] = []
  try {
    const routes = identified.map(one => {
      const old = before.get(one.definition.id)
      const texts = resolvedTexts(one.definition, text => factory.resolve(text))
      const stays = old?.named === one.named && !isDown(old) && isSameRoute(one.definition, old)
      if (old && stays && sameValue(textsOf.get(old), texts)) return old
      try {
        const route = buildRoute(one, factory)
        textsOf.set(route, texts)
        coming.push(route)
        return route
      } catch (error) {
        throw errorAt(one.definition.from, error)
      }
    })
    refuseSecondConsumers(routes)
    const staying = new Set(routes)
    const leaving = running.filter(route => !staying.has(route))
    return { routes, coming, leaving, change: changeOf(routes, running) }
  } catch (error) {
    for (const route of coming) route.release().catch(() => {})
    throw error
  }
}

/** It has failed, or could not be brought back by a change that did: that may work now. */
const isDown = (route: Route): boolean => route.status === 'failed' || (route.wanted && route.status === 'stopped')

function refuseSecondConsumers(routes: readonly Route[]): void {
  const refuse = (other: Route, { id, definition }: Route, what: string) => {
    const message = `the routes ${other.id} and ${id} both consume from ${what}: only one may`
    throw errorAt(definition.from, new DromedaryError('DROMEDARY_DUPLICATE_CONSUMER', message))
  }
  const consumed = new Map<string, Route>()
  const sources = new Map<string, Route>()
  for (const route of routes) {
    const { sole } = route
    if (sole === undefined) continue
    const other = consumed.get(sole)
    if (other !== undefined) refuse(other, route, sole)
    consumed.set(sole, route)
    for (const uri of route.sources) sources.set(uri, route)
  }
  // One that wraps it will consume from it as well.
  for (const route of routes) {
    if (route.sole !== undefined) continue
    for (const uri of route.sources) {
      const other = sources.get(uri)
      if (other?.sole !== undefined) refuse(other, route, other.sole)
    }
  }
}

function changeOf(routes: readonly Route[], running: readonly Route[]): RouteChange {
  const ids = (list: readonly Route[]) => list.map(route => route.id)
  const before = new Map(running.map(route => [route.id, route]))
  const after = new Set(ids(routes))
  return {
    added: ids(routes.filter(route => !before.has(route.id))),
    replaced: ids(routes.filter(route => before.has(route.id) && before.get(route.id) !== route)),
    removed: ids(running.filter(route => !after.has(route.id))),
    kept: ids(routes.filter(route => before.get(route.id) === route)),
  }
}
