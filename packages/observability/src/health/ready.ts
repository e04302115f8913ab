import type { Context, RouteHandle } from '@dromedary/core'
import type { Check } from './check.ts'

/**
 * Whether this member does, or could do at once, what it is there for: its context and its routes have started, and who
 * may have to lead is warm. Who leads is never asked: a standby is as ready as its leader.
 */
export function readyChecks(context: Context, failures: ReadonlyMap<string, string>): Check[] {
  const routes = context.routes.map(route => routeCheck(route, failures.get(route.id)))
  const consumers = context.routes.map(consumerCheck).filter(check => check !== undefined)
  return [contextCheck(context), ...routes, ...consumers]
}

/** Not before its start is through, and not once it stops. */
function contextCheck({ name, status }: Context): Check {
  const isUp = status === 'started'
  return { name: 'context', status: isUp ? 'UP' : 'DOWN', data: { 'context.name': name, 'context.status': status } }
}

/** Somebody asked for these: the operator, or a step that waits for what it sends to. */
const HELD_BACK = ['suspending', 'suspended', 'resuming']

function routeCheck({ id, status, definition }: RouteHandle, failure: string | undefined): Check {
  const isMeant = status === 'stopped' && definition.autoStartup === false
  const isUp = status === 'started' || isMeant || HELD_BACK.includes(status)
  const data = { 'route.id': id, 'route.status': status }
  return {
    name: `route:${id}`,
    status: isUp ? 'UP' : 'DOWN',
    data: status === 'failed' && failure !== undefined ? { ...data, error: failure } : data,
  }
}

/** Of consumers that may have to stand by; the others consume once their route has started. */
function consumerCheck({ id, readiness }: RouteHandle): Check | undefined {
  if (readiness === undefined) return undefined
  const status = readiness === 'warming' ? 'DOWN' : 'UP'
  return { name: `consumer:${id}`, status, data: { 'route.id': id, readiness } }
}
