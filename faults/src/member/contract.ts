import type { Clock } from '@dromedary/core'
import type { ClusterService } from '@dromedary/core/cluster'
import type { FaultEvent } from '../log/events.ts'
import type { Watched } from './watched.ts'

/** What a member's process is told when it is started. */
export interface MemberSpec {
  /** Unique on its stage. */
  readonly member: string
  /** The name for people, as NODE_ID is; default: {@link member}. */
  readonly nodeId?: string
  /** Module (URL) with a {@link ServiceFactory} named `createService`. */
  readonly service: string
  readonly settings: Readonly<Record<string, unknown>>
  /** Where the members meet: a folder of the stage. */
  readonly root: string
  readonly events: string
  readonly exchanges: string
  readonly namespace: string
  /**
   * `bare`: the cluster service alone in a loop; `route`: a context with `master:` routes; `churn`: many members one
   * after another in one process; `work`: what the module {@link work} does.
   */
  readonly mode: 'bare' | 'route' | 'churn' | 'work'
  /** For the mode `work`: a module (URL) with a {@link WorkFactory} named `createWork`. */
  readonly work?: string
  /** One campaign or route for each; default one that drains at once. */
  readonly participants?: readonly ParticipantSpec[]
  /** Competes only when told so by the command `campaign`. */
  readonly waits?: boolean
  /** How long a stop may drain, milliseconds. Default 5,000. */
  readonly drainMs?: number
}

export interface ParticipantSpec {
  readonly name: string
  /** How long work goes on after closing. Default 0. */
  readonly drainMs?: number
  /** Work never ends by itself, whatever is aborted. */
  readonly stubborn?: boolean
}

/** Sent to a member's process. */
export type Command =
  | { readonly do: 'campaign' }
  /** Blocks the event loop; afterwards, in the same tick, lets go or leaves. */
  | { readonly do: 'block'; readonly ms: number; readonly then?: 'release' | 'exit' }
  /** Steps the wall clock of this member. */
  | { readonly do: 'wall'; readonly stepMs: number }
  /** Sends itself a signal at the `number`th place from now; `at`: of those whose names begin with it. */
  | { readonly do: 'arm'; readonly number: number; readonly signal: 'SIGSTOP' | 'SIGKILL'; readonly at?: string }
  /** What it does at the next place whose name begins with `at` fails there; what is armed waits for that. */
  | { readonly do: 'fail'; readonly at: string }
  /** Notes how much memory it takes: `memory 83886080`, in bytes. */
  | { readonly do: 'memory' }
  /** For the mode `churn`: leads and leaves that often. */
  | { readonly do: 'churn'; readonly takeovers: number }

/** What the factory may hook into. */
export interface ServiceHooks {
  readonly id: string
  readonly root: string
  readonly clock: Clock
  /** Must be called with each hard end before anything relies on it. */
  onLease(lease: { readonly namespace: string; readonly term: bigint; readonly end: number }): void
  /** Must be called around each system call that touches what the members share. May stop the process. */
  place(name: string): void
  /** For the service's own warnings. */
  note(text: string): void
}

/** Makes the cluster service of a member from the stage's settings. */
export type ServiceFactory = (
  settings: Readonly<Record<string, unknown>>,
  hooks: ServiceHooks,
) => ClusterService | Promise<ClusterService>

/** Where the work of a member happens. */
export interface Workplace {
  readonly spec: MemberSpec
  /** Whoever works campaigns at its service. */
  readonly watch: Watched
  readonly clock: Clock
  /** To be called around what the work does with the world. May stop the process, or throw. */
  place(name: string): void
  /** For the log of the stage. */
  write(event: FaultEvent): void
  note(text: string): void
}

/** Makes the work of a member that does more than lead. */
export type WorkFactory = (workplace: Workplace) => Running | Promise<Running>

/** What a mode of a member gives back: how to begin, and how to end in good order. */
export interface Running {
  campaign(): void | Promise<void>
  /** Drains and leaves; resolves when everything is let go. */
  stop(): Promise<void>
}
