import type { Clock, Logger, RouteChange } from '@dromedary/core'
import type { Component } from '@dromedary/core/component'
import {
  type ApplicationOptions,
  type Assembled,
  inContext,
  readConfiguration,
  readOwn,
  routesOf,
} from '../assemble.ts'
import { readCluster } from '../cluster/choose.ts'
import type { Configuration } from '../configuration/configuration.ts'
import { configureLog } from '../logging/configure.ts'
import { createLineOutput, type LineOutput } from '../logging/output.ts'
import { readObservation } from '../observe/choose.ts'
import type { LiveSettings } from './live.ts'
import { type ChangedKey, changedKeys, restartsFor } from './restart.ts'

/** What an attempt has changed. */
export interface Applied {
  readonly routes: RouteChange
  /** Keys with another value that is in use now. */
  readonly keys: readonly string[]
  /** Sentences about what takes effect at the next start. */
  readonly atNextStart: readonly string[]
}

/** Brings a running application to new options and to a new configuration: all of it or, if something is wrong, nothing. */
export class Applier {
  readonly #running: Assembled
  readonly #name: string
  readonly #components: readonly Component[]
  readonly #live: LiveSettings
  readonly #clock: Clock
  readonly #log: Logger
  readonly #output: LineOutput = createLineOutput()
  #configuration: Configuration
  #saidAtNextStart: readonly string[] = []

  constructor(
    running: Assembled,
    { name, components }: ApplicationOptions,
    live: LiveSettings,
    clock: Clock,
    log: Logger,
  ) {
    this.#running = running
    this.#configuration = running.configuration
    this.#name = name
    this.#components = components
    this.#live = live
    this.#clock = clock
    this.#log = log
  }

  /**
   * Undefined when `changedAgain` comes before the routes are known; their function may await what never comes. The signal
   * calls the change of routes off.
   */
  async apply(
    options: ApplicationOptions,
    changedAgain: Promise<void>,
    signal: AbortSignal,
  ): Promise<Applied | undefined> {
    const { configuration } = await readConfiguration(options)
    const log = await configureLog(configuration, this.#output, this.#clock)
    readOwn(configuration)
    await readCluster(configuration, options.clusters ?? {})
    await readObservation(configuration, options.observability)

    const source = this.#live.sourceOf(configuration)
    const routes = await Promise.race([routesOf(options, source), changedAgain])
    if (!routes) return undefined
    const takeBack = this.#live.setProperties(source)
    let change: RouteChange
    try {
      change = await this.#running.context.changeRoutes(routes, { signal })
    } catch (error) {
      takeBack()
      throw error
    }
    this.#live.setLog(inContext(log, this.#name))
    const keys = changedKeys(this.#configuration, configuration).map(({ key }) => key)
    this.#configuration = configuration
    return { routes: change, keys: keys.filter(key => !restartsFor(key)), atNextStart: this.#atNextStart(options) }
  }

  /** One line about what has changed, and one about each thing that has not. */
  say({ routes, keys, atNextStart }: Applied, tookMs: number): void {
    const parts = [
      ...(['added', 'replaced', 'removed'] as const).map(what => listed(what, routes[what])),
      keys.length > 0 ? `configuration ${keys.join(', ')}` : undefined,
      routes.kept.length > 0
        ? `${routes.kept.length} ${routes.kept.length === 1 ? 'route goes' : 'routes go'} on`
        : undefined,
    ].filter(part => part !== undefined)
    const { added, replaced, removed, kept } = routes
    this.#log.info(`Changed in ${Math.round(tookMs)} ms: ${parts.join('; ') || 'nothing'}`, {
      fields: { added, replaced, removed, kept, keys, tookMs: Math.round(tookMs) },
    })
    const fresh = atNextStart.filter(sentence => !this.#saidAtNextStart.includes(sentence))
    for (const sentence of fresh) this.#log.warn(`${sentence}: restart for it to take effect`)
    this.#saidAtNextStart = atNextStart
  }

  /** Against what it was started with: whatever was changed back needs no restart. */
  #atNextStart({ name, components }: ApplicationOptions): string[] {
    const keys = changedKeys(this.#running.configuration, this.#configuration).filter(({ key }) => restartsFor(key))
    const others = components.filter(component => !this.#components.includes(component))
    const gone = this.#components.length - (components.length - others.length)
    return [
      ...keys.map(sayKey),
      ...(name === this.#name ? [] : [`the application is called ${name} now`]),
      ...(others.length === 0 && gone === 0 ? [] : ['the components of the application have changed']),
    ]
  }
}

const listed = (what: string, ids: readonly string[]): string | undefined =>
  ids.length === 0 ? undefined : `${what} ${ids.join(', ')}`

const sayKey = ({ key, entry }: ChangedKey): string =>
  entry === undefined ? `${key} is no longer set` : `${key} has another value (${entry.where})`
