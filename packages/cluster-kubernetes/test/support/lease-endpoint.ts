import { isDeepStrictEqual } from 'node:util'
import { ApiFailure } from '../../src/api.ts'
import type { LeaseObject } from '../../src/objects.ts'
import { answered } from './failures.ts'
import { decodeLease, validateLease } from './lease-checks.ts'
import { type ObjectStore, overTheWire } from './object-store.ts'

/** What the server does with a Lease that is sent to it. Throws ApiFailure for what it refuses. */
export class LeaseEndpoint {
  readonly #store: ObjectStore<LeaseObject>
  readonly #namespace: string
  readonly #now: () => number

  constructor(store: ObjectStore<LeaseObject>, namespace: string, now: () => number) {
    this.#store = store
    this.#namespace = namespace
    this.#now = now
  }

  /** POST; undefined where one of that name exists. */
  create(body: LeaseObject): LeaseObject | undefined {
    const lease = this.#decode(body)
    if (lease.metadata.resourceVersion) {
      throw new ApiFailure('HTTP 500: resourceVersion should not be set on objects to be created', { status: 500 })
    }
    validateLease(lease)
    if (this.#store.get(lease.metadata.name)) return undefined
    return this.#store.put(this.#born(lease))
  }

  /** PUT; undefined for a Conflict. It creates what is not there if the body has no uid and `mayCreate`. */
  replace(body: LeaseObject, mayCreate: boolean): LeaseObject | undefined {
    const lease = this.#decode(body)
    const { name, uid, resourceVersion } = lease.metadata
    const stored = this.#store.get(name)
    if (uid && uid !== stored?.metadata.uid) return undefined
    if (!stored) {
      if (!mayCreate) throw answered(403, `a PUT of ${name}, which is gone, would create it`)
      validateLease(lease)
      return this.#store.put(this.#born(lease))
    }
    if (!resourceVersion) throw answered(422, 'metadata.resourceVersion: must be specified for an update')
    if (resourceVersion !== stored.metadata.resourceVersion) return undefined
    const { creationTimestamp } = stored.metadata
    const kept = { ...(stored.metadata.uid && { uid: stored.metadata.uid }), creationTimestamp }
    const next = overTheWire({ ...lease, metadata: { ...lease.metadata, ...kept } })
    validateLease(next)
    // Nothing is written, and nobody told, where nothing changes.
    return isDeepStrictEqual(next, stored) ? stored : this.#store.put(next)
  }

  #decode(body: LeaseObject): LeaseObject {
    const lease = decodeLease(body)
    const { namespace = this.#namespace } = lease.metadata
    if (namespace !== this.#namespace) throw answered(400, `the namespace of the object is ${namespace}`)
    return { ...lease, metadata: { ...lease.metadata, namespace } }
  }

  #born(lease: LeaseObject): LeaseObject {
    const creationTimestamp = `${new Date(this.#now()).toISOString().slice(0, 19)}Z`
    return { ...lease, metadata: { ...lease.metadata, creationTimestamp } }
  }
}
