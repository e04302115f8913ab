import type { Context, RouteStatistics } from '@dromedary/core'
import { labels, line, type ReadMetric } from './metric.ts'
import { BUCKETS_MS, type Durations, type RouteTimers } from './route-timer.ts'

/** Routes and exchanges as they are now, under the names that Camel's Micrometer component gives them in Prometheus. */
export function camelMetrics(context: Context, timers: RouteTimers): ReadMetric[] {
  const camelContext = context.name
  const own = labels({ camelContext })
  // All of one moment, however long it takes to write them down.
  const seen = context.routes.map(({ id, status }) => ({
    id,
    status,
    statistics: timers.counted(id),
    labels: `${own},${labels({ routeId: id })}`,
  }))
  const perRoute = (
    name: string,
    type: 'counter' | 'gauge',
    help: string,
    value: (of: RouteStatistics) => number,
  ): ReadMetric => ({
    name,
    type,
    help,
    *lines() {
      for (const route of seen) yield line(name, route.labels, value(route.statistics))
    },
  })
  const routes = (name: string, help: string, count: number): ReadMetric => ({
    name,
    type: 'gauge',
    help,
    lines: () => [line(name, own, count)],
  })
  return [
    perRoute('camel_exchanges_total', 'counter', 'Exchanges that have ended.', of => of.completed + of.failed),
    perRoute('camel_exchanges_succeeded_total', 'counter', 'Exchanges that have completed.', of => of.completed),
    perRoute('camel_exchanges_failed_total', 'counter', 'Exchanges that have failed.', of => of.failed),
    perRoute('camel_exchanges_inflight', 'gauge', 'Exchanges under way.', of => of.inFlight),
    perRoute(
      'camel_exchanges_failures_handled_total',
      'counter',
      'Exchanges whose failure an error handler dealt with.',
      of => of.failuresHandled,
    ),
    perRoute(
      'dromedary_exchanges_redeliveries_total',
      'counter',
      'Tries of a step beyond the first one.',
      of => of.redeliveries,
    ),
    routes('camel_routes_added_routes', 'Routes of the context.', seen.length),
    routes(
      'camel_routes_running_routes',
      'Routes that have started.',
      seen.filter(({ status }) => status === 'started').length,
    ),
    {
      name: 'camel_route_policy_seconds',
      type: 'histogram',
      help: 'How long exchanges were under way in a route; of a busy one a sample that stands for all.',
      *lines() {
        for (const route of seen) yield histogram(route.labels, timers.of(route.id))
      },
    },
  ]
}

const UPPER_BOUNDS = [...BUCKETS_MS.map(ms => String(ms / 1_000)), '+Inf']

function histogram(between: string, { counts, sumMs }: Durations): string {
  const name = 'camel_route_policy_seconds'
  let count = 0
  let all = ''
  for (const [at, le] of UPPER_BOUNDS.entries()) {
    count += counts[at] as number
    all += line(`${name}_bucket`, `${between},le="${le}"`, count)
  }
  return all + line(`${name}_sum`, between, sumMs / 1_000) + line(`${name}_count`, between, count)
}
