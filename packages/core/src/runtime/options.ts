import type { Clock } from '../clock.ts'
import type { ClusterService } from '../cluster/contract.ts'
import type { Component } from '../component/contract.ts'
import type { ErrorHandlerDefinition } from '../definition/error-handler.ts'
import type { OnExceptionSource } from '../definition/on-exception.ts'
import type { RouteSource } from '../definition/route.ts'
import type { Language } from '../language/registry.ts'
import type { LogSink } from '../logger.ts'
import type { Duration } from '../uri/duration.ts'
import type { PropertySource } from '../uri/placeholders.ts'
import type { Meter } from './meter.ts'

/** What a context is made of. Only `routes` is needed. */
export interface ContextOptions {
  /** Shown in logs. Default `dromedary`. */
  readonly name?: string
  readonly routes: Iterable<RouteSource>
  /** Besides those of core, which are always there: `direct`, `log`, `mock`. One of the same scheme takes the place of core's. */
  readonly components?: Iterable<Component>
  /** Besides Simple and the other languages of core. */
  readonly languages?: Iterable<Language>
  /** What `process`, `bean` and `#bean:` options find by name. */
  readonly beans?: Readonly<Record<string, unknown>>
  /** Values of `{{placeholders}}` and of Simple's `${properties:key}`. */
  readonly properties?: PropertySource | Readonly<Record<string, string | number | boolean>>
  /** Who leads: needed by `master:`. The context starts it first and stops it last. */
  readonly cluster?: ClusterService
  /** For routes that have none of their own. Default: `defaultErrorHandler()`. */
  readonly errorHandler?: ErrorHandlerDefinition
  /** What is done about failures of one kind in every route that has an error handler; a route's own come first. */
  readonly onException?: Iterable<OnExceptionSource>
  /** How long a stop waits for exchanges under way before it ends them by force. Default 45 s, as in Camel. */
  readonly shutdownTimeout?: Duration
  /** Times exchanges, for metrics. Default: none, and nothing is paid for it. */
  readonly meter?: Meter
  readonly clock?: Clock
  /** Default: text lines on standard output. */
  readonly log?: LogSink
  /** Between 0 and 1, for jitter and `${random()}`. Default `Math.random`. */
  readonly random?: () => number
}

/** Brings both forms of properties into one. `{{bean:name}}` finds the context's beans, unless the source has its own. */
export function propertySource(from: ContextOptions['properties'], lookup: (bean: string) => unknown): PropertySource {
  if (isSource(from)) {
    // A source may be an object of a class: its methods are called on it, never copied off it.
    return {
      property: key => from.property(key),
      lookup: bean => (from.lookup ? from.lookup(bean) : lookup(bean)),
      ...(from.env && { env: (name: string) => from.env?.(name) }),
      ...(from.keys && { keys: () => from.keys?.() ?? [] }),
    }
  }
  const values = new Map(Object.entries(from ?? {}).map(([key, value]) => [key, String(value)]))
  return { property: key => values.get(key), keys: () => values.keys(), lookup }
}

const isSource = (from: ContextOptions['properties']): from is PropertySource =>
  typeof from?.['property'] === 'function'
