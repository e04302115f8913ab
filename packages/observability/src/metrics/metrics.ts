import type { Context } from '@dromedary/core'
import { collectDefaultMetrics, Registry } from 'prom-client'
import type { ClusterWatch } from '../leadership/cluster-watch.ts'
import { camelMetrics } from './camel.ts'
import { leadershipMetrics } from './leadership.ts'
import { exposition } from './metric.ts'
import type { RouteTimers } from './route-timer.ts'

/** What reads all metrics of one application as text: its routes, its leadership, the process and its event loop. */
export function metricsOf(context: Context, timers: RouteTimers, cluster: ClusterWatch): () => Promise<string> {
  const process = processMetrics()
  return async () => {
    const metrics = [...camelMetrics(context, timers), ...leadershipMetrics(context.name, cluster)]
    return (await exposition(metrics, nextTurn)) + (await process.metrics())
  }
}

let made: Registry | undefined

/**
 * One for all applications of the process, one after the other or at once: what watches the event loop and the garbage
 * collection cannot be stopped again.
 */
function processMetrics(): Registry {
  if (made === undefined) {
    made = new Registry()
    collectDefaultMetrics({ register: made })
  }
  return made
}

const nextTurn = () => new Promise<void>(resolve => setImmediate(resolve))
