import { SkewedClock, type SkewedClockOptions } from '@dromedary/testing'
import type { KubernetesApi, Right, Watch, WatchListener, WatchSelector } from '../../src/api.ts'
import type { LeaseObject, PodObject } from '../../src/objects.ts'
import { Faults, JointFaults } from './faults.ts'
import { Line, type LineEnd } from './line.ts'
import { type ApiObject, type ObjectStore, overTheWire } from './object-store.ts'
import { Rights } from './rights.ts'
import type { Asked, Server } from './server.ts'
import { WatchStream } from './simulated-watch.ts'

export interface SimulatedApiOptions {
  /** Whom requests are counted for, and who is meant in messages. Default `member-1`, … */
  readonly member?: string
  /** Its own clock, or how one of its own is off. Give the clock to the service as well. */
  readonly clock?: SkewedClock | SkewedClockOptions
  /** Milliseconds by its own clock until a request is given up, and a watch that does not open. Default 3,000. */
  readonly connectionTimeoutMs?: number
  /** Default: all. */
  readonly rights?: readonly Right[]
  /** Of the pod that its token is bound to. Default: the pod of the member's name, as it is now. */
  readonly podUid?: string
}

/** One member's {@link KubernetesApi} to the simulated server. */
export class SimulatedApi implements KubernetesApi {
  readonly namespace: string
  readonly member: string
  /** Freeze it and the member hears nothing and sends nothing. */
  readonly clock: SkewedClock
  /** What goes wrong between this member and the server. */
  readonly faults: Faults
  readonly rights: Rights
  readonly #server: Server
  readonly #end: LineEnd
  readonly #line: Line
  readonly #watches = new Set<Watch>()
  readonly #podUid: string | undefined

  constructor(server: Server, member: string, options: SimulatedApiOptions) {
    const { clock = {}, connectionTimeoutMs = 3_000 } = options
    this.#server = server
    this.namespace = server.options.namespace
    this.member = member
    this.clock = clock instanceof SkewedClock ? clock : new SkewedClock(server.options.clock, clock)
    this.faults = new Faults(how => server.breakWatches(how, member))
    this.#podUid = options.podUid ?? server.pods.get(member)?.metadata.uid
    this.rights = new Rights(options.rights)
    this.#end = {
      member,
      clock: this.clock,
      connectionTimeoutMs,
      rights: this.rights,
      faults: new JointFaults(server.faults, this.faults),
    }
    this.#line = new Line(server, this.#end)
  }

  async readLease(name: string): Promise<LeaseObject | undefined> {
    return this.#line.request({ verb: 'get', resource: 'leases', name }, () => this.#server.leases.get(name))
  }

  async createLease(lease: LeaseObject): Promise<LeaseObject | undefined> {
    const body = overTheWire(lease)
    const asked: Asked = { verb: 'create', resource: 'leases', name: body.metadata.name }
    return this.#line.request(asked, () => this.#server.endpoint.create(body), true)
  }

  async replaceLease(lease: LeaseObject): Promise<LeaseObject | undefined> {
    const body = overTheWire(lease)
    const asked: Asked = { verb: 'update', resource: 'leases', name: body.metadata.name }
    // A PUT says the name, unlike a POST.
    const create: Right = { verb: 'create', group: 'coordination.k8s.io', resource: 'leases', name: body.metadata.name }
    return this.#line.request(asked, () => this.#server.endpoint.replace(body, this.rights.allow(create)), true)
  }

  watchLeases(selector: WatchSelector, listener: WatchListener<LeaseObject>): Watch {
    return this.#watch('leases', this.#server.leases, selector, listener)
  }

  async readPod(name: string): Promise<PodObject | undefined> {
    return this.#line.request({ verb: 'get', resource: 'pods', name }, () => this.#server.pods.get(name))
  }

  watchPod(name: string, listener: WatchListener<PodObject>): Watch {
    return this.#watch('pods', this.#server.pods, { name }, listener)
  }

  async ownPodUid(): Promise<string | undefined> {
    const asked: Asked = { verb: 'review', resource: 'selfsubjectreviews' }
    return this.#line.request(asked, () => this.#podUid)
  }

  async may(right: Right): Promise<boolean> {
    const asked: Asked = { verb: 'review', resource: 'selfsubjectaccessreviews' }
    return this.#line.request(asked, () => this.rights.allow(right))
  }

  /** Open watches hear nothing more; requests under way and later ones are given up with ECONNABORTED. */
  close(): void {
    this.#line.close()
    for (const watch of this.#watches) watch.close()
    this.#watches.clear()
  }

  /** Dies as by SIGKILL: from here on it says nothing and hears nothing. */
  kill(): void {
    this.clock.freeze()
    this.faults.cutOff = true
  }

  #watch<T extends ApiObject>(
    resource: 'leases' | 'pods',
    store: ObjectStore<T>,
    selector: WatchSelector,
    listener: WatchListener<T>,
  ): Watch {
    const asked: Asked = { verb: 'watch', resource, ...('name' in selector && { name: selector.name }) }
    const place = { server: this.#server, line: this.#line, end: this.#end, store, asked, selector, listener }
    const watch = new WatchStream(place)
    this.#watches.add(watch)
    return watch
  }
}
