import type { Context } from '@dromedary/core'
import { collectDefaultMetrics, Registry } from 'prom-client'
import type { ClusterWatch } from '../leadership/cluster-watch.ts'
import { camelMetrics } from './camel.ts'
import { leadershipMetrics } from './leadership.ts'
import { register } from './metric.ts'
import type { RouteTimers } from './route-timer.ts'

/** A registry of its own with all metrics of one application: its routes, its leadership, the process and its event loop. */
export function metricsRegistry(context: Context, timers: RouteTimers, cluster: ClusterWatch): Registry {
  const registry = new Registry()
  for (const metric of camelMetrics(context, timers)) register(registry, metric)
  for (const metric of leadershipMetrics(context.name, cluster)) register(registry, metric)
  collectDefaultMetrics({ register: registry })
  return registry
}
