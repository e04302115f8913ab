import type { Clock } from '@dromedary/core'
import type { Right } from '../../src/api.ts'
import type { LeaseObject, PodObject } from '../../src/objects.ts'
import { answered } from './failures.ts'
import { Faults, type JointFaults } from './faults.ts'
import { LeaseEndpoint } from './lease-endpoint.ts'
import { ObjectStore, type Revision } from './object-store.ts'
import { type CountedResource, type CountedVerb, RequestLog } from './request-log.ts'
import type { Rights } from './rights.ts'

export interface ServerOptions {
  readonly clock: Clock
  readonly namespace: string
  /** A request and its answer take half of it each. */
  readonly latencyMs: number
  /** The server ends a watch after it. */
  readonly watchTimeoutMs: number
  /** Between two bookmarks of a watch. */
  readonly bookmarkMs: number
  /** Whether one comes behind the first `ADDED`s. */
  readonly initialBookmark: boolean
}

/** Who is at the other end. */
export interface Caller {
  readonly member: string
  readonly rights: Rights
  readonly faults: JointFaults
}

/** What a member asks for. */
export interface Asked {
  readonly verb: CountedVerb
  readonly resource: CountedResource
  /** Of the object; undefined for all of them. */
  readonly name?: string
}

/** A watch that the server holds open. */
export interface OpenWatch {
  readonly member: string
  end(how: 'reset' | 'ended'): void
}

/** Everything as it was; {@link SimulatedCluster.restore} brings it back. */
export interface Backup {
  readonly revision: number
  readonly leases: ReadonlyMap<string, LeaseObject>
  readonly pods: ReadonlyMap<string, PodObject>
}

/** What all members share: objects, their one version counter, open watches, and the log of requests. */
export class Server {
  readonly options: ServerOptions
  /** For everybody. */
  readonly faults = new Faults(how => this.breakWatches(how))
  readonly requests = new RequestLog()
  readonly revision: Revision = { value: 1_000 }
  readonly leases: ObjectStore<LeaseObject>
  readonly pods: ObjectStore<PodObject>
  readonly endpoint: LeaseEndpoint
  readonly watches = new Set<OpenWatch>()
  #uids = 0

  constructor(options: ServerOptions) {
    this.options = options
    const uid = () => `00000000-0000-4000-8000-${(++this.#uids).toString(16).padStart(12, '0')}`
    this.leases = new ObjectStore(this.revision, uid)
    this.pods = new ObjectStore(this.revision, uid)
    this.endpoint = new LeaseEndpoint(this.leases, options.namespace, () => options.clock.now())
  }

  /** A request has arrived: counts it. Throws ApiFailure where it is not let in. */
  admit({ member, rights, faults }: Caller, { verb, resource, name }: Asked): void {
    this.requests.add(member, verb, resource, name)
    if (faults.status !== undefined) throw answered(faults.status, `fault: ${verb} ${resource}`)
    const right = rightOf(verb, resource, name)
    if (right && !rights.allow(right)) throw answered(403, `${member} cannot ${verb} ${resource} ${name ?? ''}`)
  }

  /** Of everybody, or of one member. */
  breakWatches(how: 'reset' | 'ended', member?: string): void {
    for (const watch of [...this.watches]) if (member === undefined || watch.member === member) watch.end(how)
  }

  backup(): Backup {
    return { revision: this.revision.value, leases: this.leases.save(), pods: this.pods.save() }
  }

  restore(backup: Backup): void {
    this.revision.value = backup.revision
    this.leases.load(backup.leases)
    this.pods.load(backup.pods)
    this.breakWatches('reset')
  }
}

/** What RBAC asks; a review needs none, and a create cannot be limited by name. */
function rightOf(verb: CountedVerb, resource: CountedResource, name: string | undefined): Right | undefined {
  if (verb === 'review' || (resource !== 'leases' && resource !== 'pods')) return undefined
  const group = resource === 'leases' ? 'coordination.k8s.io' : ''
  return { verb, group, resource, ...(name !== undefined && verb !== 'create' && { name }) }
}
