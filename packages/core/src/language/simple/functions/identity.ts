import { hostname } from 'node:os'
import { isMainThread, threadId } from 'node:worker_threads'
import type { Exchange } from '../../../exchange/exchange.ts'
import type { LanguageContext } from '../../language.ts'
import type { SimpleFunction } from '../function.ts'

const named = (usage: string, read: (exchange: Exchange, context: LanguageContext) => unknown): SimpleFunction => ({
  usage,
  compile:
    (_, { context }) =>
    exchange =>
      read(exchange, context),
})

/** JavaScript has one thread for routes: `main`, or `worker-2` in a worker. */
const THREAD_NAME = isMainThread ? 'main' : `worker-${threadId}`

/** Asked once: it does not change while a process runs. */
let host: string | undefined
const hostName = named('hostName', () => {
  host ??= hostname()
  return host
})

/** Who and where: exchange, route, host. A message has no id of its own: `id` is that of its exchange. */
export const IDENTITY_FUNCTIONS: Readonly<Record<string, SimpleFunction>> = {
  exchangeId: named('exchangeId', exchange => exchange.id),
  id: named('id', exchange => exchange.id),
  routeId: named('routeId', (_, context) => context.routeId),
  fromRouteId: named('fromRouteId', exchange => exchange.fromRouteId),
  stepId: named('stepId', exchange => exchange.getProperty('CamelStepId')),
  routeGroup: named('routeGroup', (_, context) => context.routeGroup),
  threadName: named('threadName', () => THREAD_NAME),
  hostName,
  hostname: hostName,
  camelId: named('camelId', (_, context) => context.contextName),
}
