import type { Observable } from 'rxjs'
import { type Clock, sleep, systemClock } from '../clock.ts'
import type { ClusterService } from '../cluster/contract.ts'
import type { Component, ContextView, Endpoint } from '../component/contract.ts'
import { builtInComponents } from '../components/table.ts'
import { consoleSink } from '../console-sink.ts'
import { defaultErrorHandler } from '../definition/error-handler.ts'
import { toOnException } from '../definition/on-exception.ts'
import type { RouteSource } from '../definition/route.ts'
import { DromedaryError, messageOf } from '../errors.ts'
import type { TypeConverters } from '../exchange/converters.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { builtInLanguages } from '../language/built-in.ts'
import { refuseOtherCore } from '../one-core.ts'
import { parseDuration } from '../uri/duration.ts'
import { maskUri } from '../uri/mask.ts'
import { resolvePlaceholders } from '../uri/placeholders.ts'
import { didYouMean } from '../uri/suggest.ts'
import { planRoutes } from './change/change-plan.ts'
import { RouteChanges } from './change/route-changes.ts'
import type { ChangeOptions, Context, ContextStatus, RouteChange } from './context-contract.ts'
import { contextView, exchangeServices } from './context-view.ts'
import { Endpoints } from './endpoints.ts'
import { Events, type ExchangeEvent, type LifecycleEvent } from './events.ts'
import { type ContextOptions, propertySource } from './options.ts'
import type { Route } from './route.ts'
import type { RouteFactory } from './route-builder.ts'
import type { RouteHandle } from './route-handle.ts'
import { Senders } from './senders.ts'
import { sharedResources } from './shared-resources.ts'
import { shutdown, startOrder } from './shutdown.ts'
import { type ProducerTemplate, producerTemplate } from './template.ts'

/** Beyond the shutdown time-out, for what then has to close. */
const CLOSE_MS = 2_000

/** Puts routes, components and services together. Nothing happens before `start()`. */
export function createContext(options: ContextOptions): Context {
  return new ContextImpl(options)
}

class ContextImpl implements Context {
  readonly name: string
  readonly clock: Clock
  readonly cluster: ClusterService | undefined
  readonly template: ProducerTemplate
  readonly converters: TypeConverters
  readonly #options: Omit<ContextOptions, 'routes'>
  readonly #changes: RouteChanges
  readonly #view: ContextView
  readonly #services = exchangeServices()
  readonly #events: Events
  readonly #endpoints: Endpoints
  readonly #senders: Senders
  readonly #shutdownTimeoutMs: number
  readonly #producersEnd = new AbortController()
  readonly #resolve: (text: string, where?: string) => string
  #status: ContextStatus = 'created'
  /** Until the start; nothing else keeps them, since a change may put others in their place. */
  #sources: Iterable<RouteSource>
  #factory: RouteFactory | undefined
  #routes: readonly Route[] = []
  #startUp: Promise<void> | undefined
  #keepAlive: NodeJS.Timeout | undefined
  readonly #leftBehind: string[] = []
  #stopping: Promise<void> | undefined

  constructor({ routes, ...options }: ContextOptions) {
    if (options.cluster) refuseOtherCore(`the cluster service ${options.cluster.id}`, options.cluster)
    this.#sources = routes
    this.#options = options
    this.name = options.name ?? 'dromedary'
    this.clock = options.clock ?? systemClock
    this.cluster = options.cluster
    this.converters = this.#services.converters
    this.#shutdownTimeoutMs = parseDuration(options.shutdownTimeout ?? 45_000)
    const beans = options.beans ?? {}
    const sink = options.log ?? consoleSink
    const { name, clock, cluster } = this
    const source = propertySource(options.properties, bean => this.#view.lookup(bean))
    this.#view = contextView({
      name,
      clock,
      cluster,
      beans,
      sink,
      services: this.#services,
      property: key => {
        const value = source.property(key)
        return value === undefined ? undefined : resolvePlaceholders(value, source, key)
      },
    })
    this.#events = new Events(this.clock)
    this.#resolve = (text, where) => resolvePlaceholders(text, source, where)
    const components: Component[] = [...builtInComponents, ...(options.components ?? [])]
    this.#endpoints = new Endpoints(components, this.#view, sharedResources(), uri => this.#resolve(uri, maskUri(uri)))
    this.#senders = new Senders(this.#endpoints, this.#producersEnd.signal, this.#view.logger('context'))
    this.template = producerTemplate(this.#view, this.#senders)
    this.#changes = new RouteChanges({
      clock: this.clock,
      log: this.#view.logger('context'),
      shutdownTimeoutMs: this.#shutdownTimeoutMs,
      factory: () => this.#routeFactory(),
      routes: () => this.#runningRoutes(),
      commit: changed => this.#commit(changed),
    })
  }

  get status(): ContextStatus {
    return this.#status
  }

  get routes(): readonly RouteHandle[] {
    return this.#routes
  }

  get events(): Observable<LifecycleEvent> {
    return this.#events.lifecycle
  }

  get exchanges(): Observable<ExchangeEvent> {
    return this.#events.exchanges
  }

  route(id: string): RouteHandle {
    const route = this.#routes.find(candidate => candidate.id === id)
    if (route) return route
    const suggestion = didYouMean(
      id,
      this.#routes.map(candidate => candidate.id),
    )
    throw new DromedaryError('DROMEDARY_UNKNOWN_ROUTE', `context ${this.name} has no route ${id}${suggestion}`)
  }

  endpoint(uri: string): Endpoint {
    return this.#endpoints.get(uri)
  }

  createExchange(body?: unknown): Exchange {
    return this.#view.createExchange(body)
  }

  async start(): Promise<void> {
    if (this.#status !== 'created') {
      throw new DromedaryError('DROMEDARY_INVALID_STATE', `context ${this.name} is ${this.#status}: make a new one`)
    }
    this.#become('starting')
    this.#startUp = this.#startAll()
    try {
      await this.#startUp
    } catch (error) {
      // What is wrong with the start is what matters; what was left behind has been logged.
      await this.stop().catch(() => {})
      throw error
    }
    if (!this.#is('starting')) {
      throw new DromedaryError(
        'DROMEDARY_INVALID_STATE',
        `context ${this.name} was stopped before its start was through`,
      )
    }
    this.#become('started')
    this.#keepProcess()
  }

  changeRoutes(routes: Iterable<RouteSource>, options?: ChangeOptions): Promise<RouteChange> {
    return this.#changes.change(routes, options)
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async #startAll(): Promise<void> {
    this.#adopt(planRoutes(this.#sources, [], this.#routeFactory()).routes)
    this.#sources = []
    await this.cluster?.start()
    await this.#senders.start()
    for (const route of startOrder(this.#routes)) {
      if (!this.#is('starting')) return
      if (route.wanted) await route.run()
    }
  }

  async #stop(): Promise<void> {
    clearInterval(this.#keepAlive)
    // Producers that are still starting give up; those that have started serve until all routes have drained.
    if (this.#is('starting')) this.#producersEnd.abort()
    this.#become('stopping')
    const routes = startOrder([...new Set([...this.#routes, ...this.#changes.inHand])])
    this.#changes.giveUp()
    const deadline = this.clock.monotonic() + this.#shutdownTimeoutMs
    await this.#orGiveUp('its routes', deadline, () => shutdown(routes, deadline))
    await this.#orGiveUp('its start', deadline, () => this.#startUp?.catch(() => {}))
    this.#producersEnd.abort()
    await this.#orGiveUp('its producers', deadline, () => this.#senders.close())
    await this.#orGiveUp('its resume strategies', deadline, () => Promise.all(routes.map(route => route.release())))
    const drainMs = Math.max(0, deadline - this.clock.monotonic())
    await this.#orGiveUp('the cluster service', deadline + CLOSE_MS, () => this.cluster?.stop({ drainMs }))
    this.#become('stopped')
    if (this.#leftBehind.length > 0) {
      const message = `context ${this.name} left behind what did not stop in time: ${this.#leftBehind.join(', ')}`
      throw new DromedaryError('DROMEDARY_SHUTDOWN_TIMEOUT', message)
    }
  }

  /** Whatever ignores the deadline, and the time to close that follows it, is left behind: a stop always ends. */
  async #orGiveUp(what: string, deadline: number, work: () => Promise<unknown> | undefined): Promise<void> {
    const log = this.#view.logger('context')
    const done = new AbortController()
    const ended = async () => {
      try {
        await work()
      } catch (error) {
        log.warn(`${what} did not stop: ${messageOf(error)}`, { error })
      }
      done.abort()
    }
    const late = sleep(this.clock, deadline + CLOSE_MS - this.clock.monotonic(), done.signal)
    if (await Promise.race([ended().then(() => false), late])) {
      log.warn(`context ${this.name} waits no longer for ${what}: it did not stop within the shutdown time-out`)
      this.#leftBehind.push(what)
    }
  }

  #routeFactory(): RouteFactory {
    this.#factory ??= {
      defaultErrorHandler: this.#options.errorHandler ?? defaultErrorHandler(),
      onException: [...(this.#options.onException ?? [])].map(toOnException),
      shutdownTimeoutMs: this.#shutdownTimeoutMs,
      endpoints: this.#endpoints,
      senders: this.#senders,
      view: this.#view,
      services: this.#services,
      events: this.#events,
      properties: propertySource(this.#options.properties, this.#view.lookup),
      languages: builtInLanguages.with(...(this.#options.languages ?? [])),
      resolve: this.#resolve,
      random: this.#options.random ?? Math.random,
      meter: this.#options.meter,
    }
    return this.#factory
  }

  #runningRoutes(): readonly Route[] {
    if (this.#is('started')) return this.#routes
    const message = `context ${this.name} is ${this.#status}: its routes cannot be changed`
    throw new DromedaryError('DROMEDARY_INVALID_STATE', message)
  }

  #commit(routes: readonly Route[]): void {
    this.#adopt(routes)
    this.#keepProcess()
  }

  #adopt(routes: readonly Route[]): void {
    this.#routes = routes
    for (const route of routes) route.adopt()
  }

  /** Timers of routes do not keep a process alive (Camel: daemon); a context that something may enter does. */
  #keepProcess(): void {
    clearInterval(this.#keepAlive)
    this.#keepAlive = this.#routes.some(route => !route.passive) ? setInterval(() => {}, 2 ** 30) : undefined
  }

  /** A call, because the compiler would take the status for what it was before the last await. */
  #is(status: ContextStatus): boolean {
    return this.#status === status
  }

  #become(status: ContextStatus): void {
    this.#status = status
    if (status !== 'created') this.#events.tell({ type: 'context', status })
  }
}
