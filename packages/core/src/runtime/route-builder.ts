import type { ContextView, Producer } from '../component/contract.ts'
import type { ErrorHandlerDefinition } from '../definition/error-handler.ts'
import type { ExpressionDefinition } from '../definition/expression.ts'
import type { OnExceptionDefinition } from '../definition/on-exception.ts'
import type { ResumableStep } from '../definition/resume-steps.ts'
import { DromedaryError } from '../errors.ts'
import { type ExchangeServices, NEVER } from '../exchange/exchange.ts'
import { compileExpression, compilePredicate } from '../language/expressions.ts'
import type { LanguageContext } from '../language/language.ts'
import type { LanguageRegistry } from '../language/registry.ts'
import { RoutePosition } from '../resume/route-position.ts'
import type { ResumeStrategy } from '../resume/strategy.ts'
import type { PropertySource } from '../uri/placeholders.ts'
import { withoutQuery } from '../uri/without-query.ts'
import { compileRoute } from './compile.ts'
import type { Endpoints } from './endpoints.ts'
import type { Events } from './events.ts'
import type { Meter } from './meter.ts'
import { Route } from './route.ts'
import { RouteHoldings } from './route-holdings.ts'
import type { IdentifiedRoute } from './route-ids.ts'
import type { Senders } from './senders.ts'
import { StepServices } from './step-services.ts'

export interface RouteFactory {
  readonly defaultErrorHandler: ErrorHandlerDefinition
  /** For all routes. */
  readonly onException: readonly OnExceptionDefinition[]
  readonly shutdownTimeoutMs: number
  readonly endpoints: Endpoints
  readonly senders: Senders
  readonly view: ContextView
  readonly services: ExchangeServices
  readonly events: Events
  readonly properties: PropertySource
  readonly languages: LanguageRegistry
  readonly meter: Meter | undefined
  resolve(text: string, where?: string): string
  random(): number
}

/** Checked and compiled; nothing runs. Throws the first thing that is wrong, when what was made for it has been let go of. */
export function buildRoute(identified: IdentifiedRoute, factory: RouteFactory): Route {
  const holdings = new RouteHoldings(factory.endpoints, factory.senders)
  try {
    return build(identified, factory, holdings)
  } catch (error) {
    holdings.release().catch(() => {})
    throw error
  }
}

function build({ definition, named }: IdentifiedRoute, factory: RouteFactory, holdings: RouteHoldings): Route {
  const { view, services, events } = factory
  const { id } = definition
  const endpoint = holdings.endpoint(definition.from.uri)
  const origin = withoutQuery(endpoint.uri)
  const log = view.logger(id, origin)
  const language = languageContext(id, factory)
  const life = new StepServices(log)
  const failures = { handled: 0, redeliveries: 0 }
  let route: Route | undefined
  const producers = new Set<Producer>()
  const sender = (uri: string) => {
    const found = holdings.sender(uri)
    producers.add(found.producer)
    return found
  }
  let position: RoutePosition | undefined
  const resume = (step: ResumableStep) => {
    if (position !== undefined) {
      throw new DromedaryError('DROMEDARY_INVALID_ROUTE', `route ${id} has two resumable steps: it has one position`)
    }
    const kept = new RoutePosition(id, resumeStrategy(step, factory, holdings, id), step.failures)
    holdings.onRelease(() => kept.close())
    position = kept
    return kept.reached.bind(kept)
  }
  const resolved = (expression: ExpressionDefinition) => withPlaceholders(expression, text => factory.resolve(text))
  const compiled = compileRoute(
    definition,
    { errorHandler: definition.errorHandler ?? factory.defaultErrorHandler, onException: factory.onException },
    {
      routeId: id,
      clock: view.clock,
      log,
      failures,
      random: factory.random,
      stopping: () => route?.isStopping === true,
      replaced: () => route?.replaced === true,
      ended: () => route?.entry.signal.aborted === true,
      send: uri => holdings.sender(uri),
      complete: view.complete,
      clustered: view.cluster !== undefined,
      service: life.add,
      pause: () => route?.pause(),
      unpause: () => route?.unpause(),
      detached: (exchange, run) => {
        const { entry } = route as Route
        // One that comes from a repository ends by force like the others, and is no call from outside.
        if (exchange.signal === NEVER) exchange.signal = entry.signal
        return entry.detached.run(exchange, run)
      },
      hold: exchange => (route as Route).entry.detached.hold(exchange),
      expression: expression => compileExpression(resolved(expression), language),
      predicate: expression => compilePredicate(resolved(expression), language),
      sender,
      resume,
      senderCache: size => holdings.senderCache(size),
      text: text => factory.resolve(text),
      logger: (category, from) => view.logger(category, from ?? origin),
      lookup: view.lookup,
    },
    events.watch(id),
  )
  const keyed = named ? undefined : [...producers].find(producer => producer.needsRouteId)
  if (keyed !== undefined) {
    const message = `route ${id} needs an id of its own, by routeId(): an endpoint that it sends to tells routes apart by it over restarts, and a generated id changes with the order of writing`
    throw new DromedaryError('DROMEDARY_INVALID_ROUTE', message)
  }
  route = new Route({
    id,
    definition,
    named,
    endpoint,
    sources: new Set([...factory.endpoints.withNeeds(endpoint)].map(({ uri }) => withoutQuery(uri))),
    holdings,
    compiled,
    steps: life,
    place: { context: view, services, log, events, producers, position, failures, meter: factory.meter },
    shutdownTimeoutMs: factory.shutdownTimeoutMs,
  })
  return route
}

function resumeStrategy(
  { strategy }: ResumableStep,
  factory: RouteFactory,
  holdings: RouteHoldings,
  routeId: string,
): ResumeStrategy {
  if (typeof strategy !== 'string') return strategy.ref
  if (strategy.startsWith('#')) {
    const name = strategy.replace(/^#(bean:)?/, '')
    const bean = factory.view.lookup(name) as ResumeStrategy | undefined
    if (typeof bean?.load === 'function' && typeof bean.update === 'function') return bean
    const message = `the resumable step of route ${routeId} asks for the bean ${name}: there is none, or it is no resume strategy (load and update)`
    throw new DromedaryError('DROMEDARY_UNKNOWN_BEAN', message)
  }
  const endpoint = holdings.endpoint(strategy)
  if (endpoint.resumeStrategy) return endpoint.resumeStrategy(routeId)
  const message = `the resumable step of route ${routeId} cannot keep positions in ${endpoint.uri}: its component has no resume strategy`
  throw new DromedaryError('DROMEDARY_UNSUPPORTED', message)
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
