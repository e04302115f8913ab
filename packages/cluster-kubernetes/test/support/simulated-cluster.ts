import type { Clock } from '@dromedary/core'
import type { LeaseObject } from '../../src/objects.ts'
import type { Faults } from './faults.ts'
import { Kubelet } from './kubelet.ts'
import type { RequestLog } from './request-log.ts'
import { type Backup, Server } from './server.ts'
import { SimulatedApi, type SimulatedApiOptions } from './simulated-api.ts'

export interface SimulatedClusterOptions {
  /** Of the server; members have clocks of their own that hang on it. */
  readonly clock: Clock
  /** Default `default`. */
  readonly namespace?: string
  /** A request to the server and back, milliseconds. Default 2. */
  readonly latencyMs?: number
  /** The server ends each watch after so many milliseconds. Default 30 minutes. */
  readonly watchTimeoutMs?: number
  /** Between two bookmarks of a watch, milliseconds. Default 60,000. */
  readonly bookmarkMs?: number
  /** Whether a bookmark comes behind the first `ADDED`s, as of Kubernetes 1.37; older servers send none. Default false. */
  readonly initialBookmark?: boolean
}

/** An API server without a network: what tests do to it, and what they ask it. */
export interface SimulatedCluster {
  readonly namespace: string
  /** What goes wrong for everybody. */
  readonly faults: Faults
  /** What reached the server. */
  readonly requests: RequestLog
  /** Pods, as kubelet and administrators change them. */
  readonly pods: Kubelet
  readonly apis: readonly SimulatedApi[]
  /** A member's way to the server. */
  api(options?: SimulatedApiOptions): SimulatedApi
  /** The Lease as it is, at once and whatever the faults. */
  lease(name: string): LeaseObject | undefined
  /** All of them, by name. */
  leases(): readonly LeaseObject[]
  /** Of the newest change. */
  readonly resourceVersion: string
  /** Watches that the server holds open. */
  readonly openWatches: number
  /** Changes or (undefined) deletes a Lease by hand, at once and unchecked. Versions and uids are the server's all the same. */
  tamper(name: string, lease: LeaseObject | undefined): void
  /** All objects and the version counter as they are. */
  backup(): Backup
  /** As etcd restored from a backup: the version counter goes back as well, and all open watches break. */
  restore(backup: Backup): void
}

/** A Kubernetes API server for many members, simulated on a clock. */
export function simulatedCluster(options: SimulatedClusterOptions): SimulatedCluster {
  const { clock, namespace = 'default' } = options
  const server = new Server({
    clock,
    namespace,
    latencyMs: options.latencyMs ?? 2,
    watchTimeoutMs: options.watchTimeoutMs ?? 1_800_000,
    bookmarkMs: options.bookmarkMs ?? 60_000,
    initialBookmark: options.initialBookmark ?? false,
  })
  const apis: SimulatedApi[] = []
  return {
    namespace,
    faults: server.faults,
    requests: server.requests,
    pods: new Kubelet(server.pods, clock, namespace),
    apis,
    api(own = {}) {
      const api = new SimulatedApi(server, own.member ?? `member-${apis.length + 1}`, own)
      apis.push(api)
      return api
    },
    lease: name => server.leases.get(name),
    leases: () => server.leases.list(),
    get resourceVersion() {
      return String(server.revision.value)
    },
    get openWatches() {
      return server.watches.size
    },
    tamper(name, lease) {
      if (lease) server.leases.put({ ...lease, metadata: { ...lease.metadata, name, namespace } })
      else server.leases.remove(name)
    },
    backup: () => server.backup(),
    restore: backup => server.restore(backup),
  }
}
