import type { Clock, LogSink } from '@dromedary/core'
import type { LeaseEvent } from '@dromedary/core/cluster'
import { duration, flag, text } from '@dromedary/core/component'
import { z } from 'zod'
import type { LockFs } from './lock-fs.ts'

/** The options of `cluster.file.*`; durations as `5s`, or in milliseconds. */
export const fileClusterOptions = z.object({
  root: text().describe(
    'Absolute path of the folder in which the members of this host meet. Created if it is missing. All members need the same one.',
  ),
  id: text().optional().describe('A name for people. Default: a fresh UUID. Two members may have the same one.'),
  update: duration({ min: 1000 })
    .default(1000)
    .describe('How often the leader renews the lock. At least 1 s. The same on all members.'),
  stale: duration({ min: 2000 })
    .default(5000)
    .describe(
      'After this long without a renewal a leader that does not run is replaced. At least 2 s and twice `update`; choose at least four times `update`, for below that one failed renewal costs a healthy leader its term. The same on all members.',
    ),
  acquireLockDelay: duration({ min: 0 })
    .default(0)
    .describe(
      'How long a member waits after its start before it first competes. Camel waits 1 s; 0 lets a single member lead at once.',
    ),
  acquireLockInterval: duration({ min: 10 })
    .default(1000)
    .describe('How often a member that does not lead looks at the lock. Events come in between; this is the truth.'),
  allowKubernetes: flag()
    .default(false)
    .describe(
      'Start in a Kubernetes pod all the same: every member runs in the same pod, or shares the folder on one node.',
    ),
})

/** Settings of the file cluster service, as read by {@link fileClusterOptions}. */
export type FileClusterSettings = z.output<typeof fileClusterOptions>

/** What {@link createFileClusterService} takes: the options, and what stands in for the world. */
export type FileClusterOptions = z.input<typeof fileClusterOptions> & {
  /** Default: the machine's. */
  readonly clock?: Clock
  /** Where its log lines go, category `cluster`. Default: nowhere. */
  readonly log?: LogSink
  /** For jitter; 0 to 1. Default: Math.random. */
  readonly random?: () => number
  /** The system calls on the folder; for tests. Default: Node's. */
  readonly fs?: LockFs
  /**
   * Whether a follower practises one takeover soon after its start, in a temporary folder, so that its first real one is not
   * the first run of that code. Default: true, unless `fs` is given.
   */
  readonly rehearse?: boolean
  /** Where `KUBERNETES_SERVICE_HOST` is looked for. Default: the process's environment. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Told of each grant and each new hard end before `isValid` may answer by it; for test harnesses. */
  readonly onLease?: (event: LeaseEvent) => void
}
