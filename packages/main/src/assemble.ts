import {
  type Clock,
  type Context,
  createContext,
  DromedaryError,
  type LogSink,
  type PropertySource,
  type RouteSource,
} from '@dromedary/core'
import type { ClusterService } from '@dromedary/core/cluster'
import type { Component } from '@dromedary/core/component'
import type { ClusterBackends } from './cluster/backends.ts'
import { chooseCluster } from './cluster/choose.ts'
import { type Overrun, watchOverruns } from './cluster/overrun.ts'
import type { Configuration } from './configuration/configuration.ts'
import { type Loaded, loadConfiguration } from './configuration/load.ts'
import { Properties } from './configuration/properties.ts'
import { nodeSection, shutdownSection } from './configuration/sections.ts'
import { configureLog } from './logging/configure.ts'
import type { LineOutput } from './logging/output.ts'
import { chooseObservation } from './observe/choose.ts'
import type { Observability, Observation } from './observe/observability.ts'

/** An application: its name, its parts, and where it lies. */
export interface ApplicationOptions {
  /** Name of the application and of its context; shows in every log line. */
  readonly name: string
  /** `import.meta.url` of the entry module: configuration is looked for from there, and relative paths begin there. */
  readonly module: string | URL
  /** What the schemes of the URIs stand for. */
  readonly components: readonly Component[]
  /** The routes, or how they are made once the configuration is known. */
  readonly routes:
    | readonly RouteSource[]
    | ((properties: Properties) => readonly RouteSource[] | Promise<readonly RouteSource[]>)
  /** What `cluster.service` may choose from. Default: nothing, so `cluster.service` is `none`. */
  readonly clusters?: ClusterBackends
  /** What `observe.enabled` turns on, as something to load. Default: nothing, and it cannot be turned on. */
  readonly observability?: () => Promise<Observability>
  /** Default: the command line of the process. */
  readonly argv?: readonly string[]
  /** Default: the environment of the process. */
  readonly environment?: Readonly<Record<string, string | undefined>>
}

/** What the life of the application has to offer while its parts are put together. */
export interface Hooks {
  readonly clock: Clock
  readonly output: LineOutput
  /** The configured log is there: errors go to it from now on. */
  logReady(log: LogSink): void
  overrun(overrun: Overrun): void
  /** Dev mode puts others in the place of these while they are in use. */
  readonly live?: Live | undefined
}

/** Stands between a running application and what of its configuration can change. */
export interface Live {
  log(configured: LogSink): LogSink
  properties(configured: PropertySource): PropertySource
}

/** An application with all its parts, not started. */
export interface Assembled {
  readonly context: Context
  /** To be started before the context, and stopped after it. */
  readonly observation: Observation | undefined
  readonly configuration: Configuration
  readonly nodeId: string
  readonly cluster: string
  readonly configFile: string | undefined
  readonly shutdownTimeoutMs: number
}

/** Reads the configuration and makes log, cluster service, routes and context of it. Starts nothing. */
export async function assemble(options: ApplicationOptions, hooks: Hooks): Promise<Assembled> {
  const { name } = options
  const { clock, live } = hooks
  const { configuration, configFile, folder } = await readConfiguration(options)
  const configured = inContext(await configureLog(configuration, hooks.output, clock), name)
  const log = live?.log(configured) ?? configured
  hooks.logReady(log)

  const { nodeId, shutdownTimeoutMs } = readOwn(configuration)
  const given = { nodeId, folder, clock, log }
  const { service, description, overrun } = await chooseCluster(configuration, options.clusters ?? {}, given)
  const observation = await chooseObservation(configuration, options.observability, { name, clock, log })
  const cluster = service && watched(service, clock, observation, overrun === 'exit' ? hooks.overrun : undefined)

  const context = createContext({
    name,
    routes: await routesOf(options, configuration),
    components: options.components,
    ...(cluster && { cluster }),
    ...(observation && { meter: observation.meter }),
    properties: live?.properties(configuration) ?? configuration,
    clock,
    log,
    shutdownTimeout: shutdownTimeoutMs,
  })
  return { context, observation, configuration, nodeId, cluster: description, configFile, shutdownTimeoutMs }
}

/** The cluster service as the context gets it: whoever wants to hear of it does. */
function watched(
  service: ClusterService,
  clock: Clock,
  observation: Observation | undefined,
  exit: ((overrun: Overrun) => void) | undefined,
): ClusterService {
  const seen = observation === undefined ? service : observation.watch(service)
  if (observation === undefined && exit === undefined) return seen
  return watchOverruns(seen, clock, overrun => {
    exit?.(overrun)
    return observation?.overran(overrun)
  })
}

/** The configuration of an application, from all its sources. */
export function readConfiguration(options: ApplicationOptions): Promise<Loaded> {
  const { module, argv = process.argv.slice(2), environment = process.env } = options
  return loadConfiguration({ module, argv, environment })
}

/** What the application itself is told: `node.*` and `shutdown.*`. */
export function readOwn(configuration: Configuration): { readonly nodeId: string; readonly shutdownTimeoutMs: number } {
  const { id: nodeId } = configuration.read(nodeSection)
  const { timeout: shutdownTimeoutMs } = configuration.read(shutdownSection)
  configuration.refuseUnknown([nodeSection.prefix, shutdownSection.prefix], [])
  return { nodeId, shutdownTimeoutMs }
}

/** The routes for this configuration. */
export async function routesOf(
  { routes, name }: ApplicationOptions,
  source: PropertySource,
): Promise<readonly RouteSource[]> {
  const made: unknown = typeof routes === 'function' ? await routes(new Properties(source)) : routes
  // Most often an export that is not there: the compiler would have said so.
  if (Array.isArray(made)) return made
  throw new DromedaryError(
    'DROMEDARY_INVALID_ROUTE',
    `the routes of ${name} are ${made === null ? made : typeof made}, not an array`,
  )
}

/** Lines of a service that does not know its context, such as the cluster's, are this application's all the same. */
export function inContext(sink: LogSink, context: string): LogSink {
  return {
    isEnabled: (level, category) => sink.isEnabled(level, category),
    write: record => sink.write(record.context === undefined ? { ...record, context } : record),
  }
}
