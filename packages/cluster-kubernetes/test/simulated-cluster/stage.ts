import { FakeClock } from '@dromedary/testing'
import type { LeaseObject, LeaseSpec, ObjectMeta } from '../../src/objects.ts'
import type { SimulatedApi } from '../support/simulated-api.ts'
import { type SimulatedCluster, type SimulatedClusterOptions, simulatedCluster } from '../support/simulated-cluster.ts'

/** A Lease as a member would send it. */
export function lease(name: string, spec: LeaseSpec = {}, metadata: Partial<ObjectMeta> = {}): LeaseObject {
  return { metadata: { name, ...metadata }, spec: { holderIdentity: 'somebody', ...spec } }
}

/** A server on a fake clock, and a member. */
export class Stage {
  readonly clock = new FakeClock()
  readonly cluster: SimulatedCluster
  readonly api: SimulatedApi

  constructor(options: Partial<SimulatedClusterOptions> = {}) {
    this.cluster = simulatedCluster({ clock: this.clock, ...options })
    this.api = this.cluster.api()
  }

  /** The answer to a request that is answered within its time-out. */
  async answer<T>(promise: Promise<T>): Promise<T> {
    promise.catch(() => {})
    await this.clock.advance(3_000)
    return promise
  }

  /** A Lease that there is. */
  async created(name: string, spec: LeaseSpec = {}, metadata: Partial<ObjectMeta> = {}): Promise<LeaseObject> {
    return (await this.answer(this.api.createLease(lease(name, spec, metadata)))) as LeaseObject
  }
}
