import type { Metric, Registry } from 'prom-client'

/** One line of the exposition. */
export interface Sample {
  /** Default: the name of the metric. */
  readonly metricName?: string
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
}

/** A metric that keeps nothing: each scrape reads what is counted elsewhere anyhow. */
export interface ReadMetric {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  read(): readonly Sample[]
}

/** Adds it to the registry, which asks of a metric only that it can be got; its own kinds keep counts of their own. */
export function register(registry: Registry, { name, help, type, read }: ReadMetric): void {
  const metric = { name, help, type, aggregator: 'sum', get: async () => ({ name, help, type, values: read() }) }
  registry.registerMetric(metric as unknown as Metric<string>)
}
