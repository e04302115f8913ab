import type { Clock, LogSink } from '@dromedary/core'
import type { ClusterService } from '@dromedary/core/cluster'
import type { z } from 'zod'

/** What a backend gets besides its own options. */
export interface ClusterGiven {
  /** `node.id` */
  readonly nodeId: string
  /** Absolute; what relative paths in the options are relative to. */
  readonly folder: string
  readonly clock: Clock
  readonly log: LogSink
}

/** A kind of cluster service that `cluster.service` can choose. */
export interface ClusterBackend<Schema extends z.ZodObject = z.ZodObject> {
  /** Its options: what `cluster.<name>.*` may say. */
  readonly schema: Schema
  /** Opens nothing yet. */
  create(options: z.output<Schema>, given: ClusterGiven): ClusterService
  /** Where the members meet, for the start-up line: `in /srv/app/target/cluster`. */
  describe(options: z.output<Schema>, given: ClusterGiven): string
}

/** Backends by the name that `cluster.service` gives them. Only the chosen one is loaded. The first is the default. */
export type ClusterBackends = Readonly<Record<string, () => Promise<ClusterBackend>>>
