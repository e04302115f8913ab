import { flushCompileCache } from 'node:module'
import { consoleSink, createContext, type RouteDefinition, type RouteSource, sleep } from '@dromedary/core'
import { kafka } from '@dromedary/kafka'
import { master, type Standby } from '@dromedary/master'
import { tcp } from '@dromedary/tcp'
import { ws } from '@dromedary/websocket'
import { routesFrom } from 'feed-to-kafka/routes'
import { monotonic } from '../log/events.ts'
import type { WorkFactory } from '../member/contract.ts'
import type { FeedSettings } from './settings.ts'
import { watchTransactions } from './watched-transactions.ts'

/** The route of the example, in a context whose cluster service and whose transactions are watched. */
export const createWork: WorkFactory = async ({ spec, watch, clock, place, write, note }) => {
  const settings = spec.settings as unknown as FeedSettings
  const {
    source,
    topic,
    positions,
    deadLetters,
    standbyMs,
    giveUpMs,
    intervalMs,
    scope,
    formerRouteIds = [],
  } = settings
  const { namespace } = spec
  const [route] = routesFrom(source)
  if (!route) throw new Error('the example has no route')
  const fences = formerRouteIds.map(id => `${scope}/${namespace}/${id}`)
  const definition = renamed(definitionOf(route), settings.routeId, fences)
  await watchTransactions({
    spec,
    watch,
    place,
    write,
    namespace,
    positions,
    participant: definition.id ?? '',
    now: monotonic,
  })
  const onStandby = async ({ signal }: Standby) => {
    note(`${spec.member} begins its work of a standby`)
    await sleep(clock, standbyMs ?? 0, signal)
  }
  const context = createContext({
    name: 'feed',
    clock,
    cluster: watch.service,
    components: [
      tcp,
      ws,
      kafka({ giveUpAfter: giveUpMs, transactionInterval: intervalMs }),
      standbyMs === undefined ? master : master({ onStandby }),
    ],
    properties: {
      'node.namespace': namespace,
      'cluster.scope': scope,
      'feed.host': '127.0.0.1',
      'feed.port': settings.tcpPort,
      'feed.websocket-port': settings.wsPort,
      'kafka.brokers': settings.brokers,
      'kafka.topic': topic,
      'kafka.dead-letters': deadLetters,
      'kafka.positions': positions,
    },
    shutdownTimeout: spec.drainMs ?? 5_000,
    log: consoleSink,
    routes: [definition],
  })
  context.events.subscribe(event => {
    if (event.type !== 'readiness') return
    note(`${spec.member} is ${event.readiness}`)
    // Warm: the client has been imported.
    flushCompileCache()
  })
  return { campaign: () => context.start(), stop: () => context.stop() }
}

/** A route as it is written, or as plain data. */
const definitionOf = (route: RouteSource): RouteDefinition => ('definition' in route ? route.definition : route)

/** The same route as a later version of it would be: under another id, and shutting out the former ones. */
function renamed(definition: RouteDefinition, id: string | undefined, fences: readonly string[]): RouteDefinition {
  if (id === undefined) return definition
  const shuttingOut = fences.length > 0 ? `&fences=${encodeURIComponent(fences.join(','))}` : ''
  const steps = definition.steps.map(step =>
    step.kind === 'to' ? { ...step, uri: `${step.uri}${shuttingOut}` } : step,
  )
  return { ...definition, id, steps }
}
