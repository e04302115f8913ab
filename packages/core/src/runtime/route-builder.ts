import type { ContextView } from '../component/contract.ts'
import type { ErrorHandlerDefinition } from '../definition/error-handler.ts'
import type { ExpressionDefinition } from '../definition/expression.ts'
import { type RouteDefinition, type RouteSource, toDefinition } from '../definition/route.ts'
import { DromedaryError } from '../errors.ts'
import type { ExchangeServices } from '../exchange/exchange.ts'
import { compileExpression, compilePredicate } from '../language/expressions.ts'
import type { LanguageContext } from '../language/language.ts'
import type { LanguageRegistry } from '../language/registry.ts'
import type { PropertySource } from '../uri/placeholders.ts'
import { compileRoute } from './compile.ts'
import type { Endpoints } from './endpoints.ts'
import type { Events } from './events.ts'
import { Route } from './route.ts'
import { senderCache } from './sender-cache.ts'
import type { Senders } from './senders.ts'

export interface RouteFactory {
  readonly defaultErrorHandler: ErrorHandlerDefinition
  readonly shutdownTimeoutMs: number
  readonly endpoints: Endpoints
  readonly senders: Senders
  readonly view: ContextView
  readonly services: ExchangeServices
  readonly events: Events
  readonly properties: PropertySource
  readonly languages: LanguageRegistry
  resolve(text: string, where?: string): string
  random(): number
}

/** Every route of a context, checked and compiled. Throws the first thing that is wrong. */
export function buildRoutes(sources: Iterable<RouteSource>, factory: RouteFactory): Route[] {
  return withIds([...sources].map(toDefinition)).map(definition => buildRoute(definition, factory))
}

type WithId = RouteDefinition & { readonly id: string }

/** Routes without an id become `route1`, `route2` …, passing over ids that are taken. */
function withIds(definitions: readonly RouteDefinition[]): WithId[] {
  const taken = new Set<string>()
  for (const { id } of definitions) {
    if (id === undefined) continue
    if (taken.has(id)) {
      throw new DromedaryError('DROMEDARY_DUPLICATE_ROUTE_ID', `two routes have the id ${id}: give each its own`)
    }
    taken.add(id)
  }
  let count = 0
  return definitions.map(definition => {
    let { id } = definition
    while (id === undefined || (definition.id === undefined && taken.has(id))) id = `route${++count}`
    return { ...definition, id }
  })
}

function buildRoute(definition: WithId, factory: RouteFactory): Route {
  const { view, services, events } = factory
  const { id } = definition
  const endpoint = factory.endpoints.get(definition.from.uri)
  const origin = withoutQuery(endpoint.uri)
  const log = view.logger(id, origin)
  const language = languageContext(id, factory)
  let route: Route | undefined
  const resolved = (expression: ExpressionDefinition) => withPlaceholders(expression, text => factory.resolve(text))
  const compiled = compileRoute(
    definition,
    definition.errorHandler ?? factory.defaultErrorHandler,
    {
      routeId: id,
      clock: view.clock,
      log,
      random: factory.random,
      stopping: () => route?.isStopping === true,
      ended: () => route?.entry.signal.aborted === true,
      send: factory.senders.sender,
      complete: view.complete,
      expression: expression => compileExpression(resolved(expression), language),
      predicate: expression => compilePredicate(resolved(expression), language),
      sender: factory.senders.sender,
      senderCache: size => senderCache(factory.senders, size),
      text: text => factory.resolve(text),
      logger: (category, from) => view.logger(category, from ?? origin),
      lookup: view.lookup,
    },
    events.watch(id),
  )
  route = new Route({
    id,
    definition,
    endpoint,
    compiled,
    place: { context: view, services, log, events },
    shutdownTimeoutMs: factory.shutdownTimeoutMs,
  })
  return route
}

function languageContext(routeId: string, factory: RouteFactory): LanguageContext {
  const { view, services, properties, languages, random } = factory
  return {
    languages,
    contextName: view.name,
    routeId,
    clock: view.clock,
    converters: services.converters,
    random,
    property: properties.property.bind(properties),
    lookup: view.lookup,
  }
}

const withPlaceholders = (definition: ExpressionDefinition, resolve: (text: string) => string): ExpressionDefinition =>
  'expression' in definition ? { ...definition, expression: resolve(definition.expression) } : definition

const withoutQuery = (uri: string) => uri.replace(/\?.*$/s, '')
