import type { Context, RouteHandle, RouteStatistics } from '@dromedary/core'
import type { ReadMetric, Sample } from './metric.ts'
import { BUCKETS_MS, type Durations, type RouteTimers } from './route-timer.ts'

/** Routes and exchanges, under the names that Camel's Micrometer component gives them in Prometheus. */
export function camelMetrics(context: Context, timers: RouteTimers): ReadMetric[] {
  const camelContext = context.name
  const perRoute = (
    name: string,
    type: 'counter' | 'gauge',
    help: string,
    value: (of: RouteStatistics) => number,
  ): ReadMetric => ({
    name,
    type,
    help,
    read: () =>
      context.routes.map(({ id, statistics }) => ({ labels: { camelContext, routeId: id }, value: value(statistics) })),
  })
  const routes = (name: string, help: string, counts: (route: RouteHandle) => boolean): ReadMetric => ({
    name,
    type: 'gauge',
    help,
    read: () => [{ labels: { camelContext }, value: context.routes.filter(counts).length }],
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
    routes('camel_routes_added_routes', 'Routes of the context.', () => true),
    routes('camel_routes_running_routes', 'Routes that have started.', ({ status }) => status === 'started'),
    {
      name: 'camel_route_policy_seconds',
      type: 'histogram',
      help: 'How long exchanges were under way in a route; of a busy one a sample that stands for all.',
      read: () => context.routes.flatMap(({ id }) => histogram({ camelContext, routeId: id }, timers.of(id))),
    },
  ]
}

function histogram(labels: Sample['labels'], { counts, sumMs }: Durations): Sample[] {
  const metricName = (part: string) => `camel_route_policy_seconds_${part}`
  let count = 0
  const buckets = [...BUCKETS_MS.map(ms => ms / 1_000), '+Inf'].map((le, at): Sample => {
    count += counts[at] as number
    return { metricName: metricName('bucket'), labels: { ...labels, le }, value: count }
  })
  return [
    ...buckets,
    { metricName: metricName('sum'), labels, value: sumMs / 1_000 },
    { metricName: metricName('count'), labels, value: count },
  ]
}
