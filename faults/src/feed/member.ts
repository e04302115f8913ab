import { consoleSink, createContext, type RouteDefinition, sleep } from '@dromedary/core'
import { master, type Standby } from '@dromedary/master'
import { tcp } from '@dromedary/tcp'
import { ws } from '@dromedary/websocket'
import { routesFrom } from 'feed-to-kafka/routes'
import { monotonic } from '../log/events.ts'
import type { WorkFactory } from '../member/contract.ts'
import { interimKafka } from './interim-kafka.ts'
import type { FeedSettings } from './settings.ts'
import { watchTransactions } from './watched-transactions.ts'

/** The route of the example, in a context whose cluster service and whose transactions are watched. */
export const createWork: WorkFactory = async ({ spec, watch, clock, place, write, note }) => {
  const settings = spec.settings as unknown as FeedSettings
  const { source, topic, positions, deadLetters, standbyMs } = settings
  const { namespace } = spec
  const [route] = routesFrom(source)
  if (!route) throw new Error('the example has no route')
  const definition = renamed(route.definition, settings)
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
    components: [tcp, ws, await interimKafka(), standbyMs === undefined ? master : master({ onStandby })],
    properties: {
      'node.namespace': namespace,
      'cluster.scope': settings.scope,
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
    if (event.type === 'readiness') note(`${spec.member} is ${event.readiness}`)
  })
  process.on('SIGUSR2', () => console.log('DEBUG', JSON.stringify(context.routes.map(r => [r.id, r.status, r.statistics])), process.memoryUsage.rss(), process.getActiveResourcesInfo().join()))
  return { campaign: () => context.start(), stop: () => context.stop() }
}

/** The same route under another id, as a later version of it would be; it fences what the former ones wrote. */
function renamed(definition: RouteDefinition, { routeId, formerRouteIds, scope }: FeedSettings): RouteDefinition {
  if (routeId === undefined) return definition
  return { ...definition, id: routeId }
}
