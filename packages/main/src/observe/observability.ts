import type { Clock, Context, LogSink, Meter } from '@dromedary/core'
import type { ClusterService } from '@dromedary/core/cluster'
import type { z } from 'zod'
import type { Overrun } from '../cluster/overrun.ts'

/** What an observability package gets besides its own options. */
export interface ObservationGiven {
  /** Of the application and its context. */
  readonly name: string
  readonly clock: Clock
  readonly log: LogSink
}

/** What `observe.enabled` turns on: `observability` of `@dromedary/observability`. */
export interface Observability<Schema extends z.ZodObject = z.ZodObject> {
  /** Its options: what `observe.*` may say besides `enabled`. */
  readonly schema: Schema
  /** Opens nothing yet. */
  create(options: z.output<Schema>, given: ObservationGiven): Observation
}

/** Looks at one application, from before its routes start until they have stopped. */
export interface Observation {
  /** For the context. */
  readonly meter: Meter
  /** The same service, looked at. */
  watch(service: ClusterService): ClusterService
  /** A term was overrun; what this returns is called when its work has ended after all. */
  overran(overrun: Overrun): () => void
  /** Before the context starts. Rejects with what is wrong. */
  start(context: Context): Promise<void>
  /** After the context has stopped. Idempotent. */
  stop(): Promise<void>
}
