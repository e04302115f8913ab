import { resolve } from 'node:path'
import type { Clock, LogSink } from '@dromedary/core'
import type { ClusterService } from '@dromedary/core/cluster'
import { type FileClusterOptions, type FileClusterSettings, fileClusterOptions } from './options.ts'
import { createFileClusterService } from './service.ts'

/** What an application gives besides the options. */
export interface FileClusterGiven {
  readonly nodeId: string
  /** Absolute; what a relative root is relative to. */
  readonly folder: string
  readonly clock: Clock
  readonly log: LogSink
}

function rootOf(options: FileClusterSettings, given: FileClusterGiven): string {
  return resolve(given.folder, options.root)
}

/**
 * The file cluster service: as a function {@link createFileClusterService}; as an object what `@dromedary/main` needs to
 * offer it as `cluster.service=file`, with the options of `cluster.file.*`.
 */
export const fileCluster = Object.assign((options: FileClusterOptions) => createFileClusterService(options), {
  schema: fileClusterOptions,
  /** A relative root is resolved against `given.folder`; without an id it is `given.nodeId`. */
  create: (options: FileClusterSettings, given: FileClusterGiven): ClusterService =>
    createFileClusterService({
      ...options,
      root: rootOf(options, given),
      id: options.id ?? given.nodeId,
      clock: given.clock,
      log: given.log,
    }),
  describe: (options: FileClusterSettings, given: FileClusterGiven): string => `in ${rootOf(options, given)}`,
})
