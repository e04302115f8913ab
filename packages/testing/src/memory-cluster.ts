import { randomUUID } from 'node:crypto'
import { type Clock, systemClock } from '@dromedary/core'
import { type LeaseEvent, type LeaseTiming, leaseTiming } from '@dromedary/core/cluster'
import { MemoryMember, type MemoryMemberOptions } from './memory/member.ts'
import { MemoryStore } from './memory/store.ts'

export interface MemoryClusterOptions {
  /** Default: the machine's. Under a {@link FakeClock} an hour of elections takes milliseconds. */
  readonly clock?: Clock
  /** How long a lease lasts, milliseconds; nobody can follow a dead leader earlier. Default 15,000. */
  readonly leaseMs?: number
  /** No new work so long after the last renewal, milliseconds. Default two thirds of the lease. */
  readonly closeAfterMs?: number
  /** Time between two looks at the record, milliseconds. Default 2,000. */
  readonly retryMs?: number
  /** A request to the store and back, milliseconds. Default 2. */
  readonly latencyMs?: number
  /** How long a member that stops or resigns may drain, milliseconds. Default 45,000. */
  readonly drainMs?: number
  /** For the jitter of standing back. Default: always 0.5. */
  readonly random?: () => number
  /** Takes what listeners threw. Default: kept in {@link MemoryCluster.reported}. */
  readonly report?: (error: unknown) => void
}

/** Members that share one store within this process, for tests. */
export interface MemoryCluster {
  readonly timing: LeaseTiming
  /** The shared store: look into it, break it, change records by hand. */
  readonly store: MemoryStore
  readonly members: readonly MemoryMember[]
  /** What listeners threw, unless `report` was given. */
  readonly reported: readonly unknown[]
  /** Each granted, extended and ended term of each member, in order. */
  readonly events: readonly MemoryClusterEvent[]
  /** A new member; start it, or give it to a context as its cluster service. */
  member(options?: MemoryMemberOptions): MemoryMember
  /** Stops all members. */
  stop(): Promise<void>
}

export interface MemoryClusterEvent extends LeaseEvent {
  readonly member: string
}

/**
 * A cluster for tests: real elections with leases, terms, standing back and draining, over a store in memory that
 * can be broken on purpose. Throws `DROMEDARY_CLUSTER_CONFIG` for times that leave nothing of the lease.
 */
export function memoryCluster(options: MemoryClusterOptions = {}): MemoryCluster {
  const { clock = systemClock, leaseMs = 15_000, retryMs = 2_000, latencyMs = 2, drainMs = 45_000 } = options
  const timing = leaseTiming(leaseMs, options.closeAfterMs)
  const store = new MemoryStore(clock, latencyMs)
  const members: MemoryMember[] = []
  const reported: unknown[] = []
  const events: MemoryClusterEvent[] = []
  return {
    timing,
    store,
    members,
    reported,
    events,
    member(own = {}) {
      const id = own.id ?? `member-${members.length + 1}`
      const member = new MemoryMember({
        self: { id, incarnation: randomUUID() },
        base: clock,
        store,
        timing,
        retryMs,
        drainMs,
        random: options.random ?? (() => 0.5),
        report: options.report ?? (error => void reported.push(error)),
        onEvent: event => void events.push({ ...event, member: id }),
        skew: own,
      })
      members.push(member)
      return member
    },
    async stop() {
      await Promise.all(members.map(member => member.stop()))
    },
  }
}
