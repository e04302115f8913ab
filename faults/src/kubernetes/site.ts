import { Kubelet, type KubernetesCluster, type ServiceAccount } from '@dromedary/test-servers/kubernetes'
import type { Member } from '../launch.ts'
import type { FaultEvent, LeaseEvent, Millis } from '../log/events.ts'
import type { Leader, MemberOptions, Stage } from '../stage.ts'
import { mustLead, mustStay } from './disturbed.ts'
import { LeaseByHand, NOTE } from './lease.ts'
import { Place, type PlaceOptions } from './place.ts'
import { Rights } from './rights.ts'
import { sharedServer } from './server.ts'
import { DEFAULTS, endsOf, PATIENCE_MS, type Timing } from './settings.ts'

export interface SiteOptions {
  /** Default: the service's. */
  readonly timing?: Timing
  /** Default: the one that all stages share. */
  readonly cluster?: KubernetesCluster
}

/** What a scenario may choose for a member on a site. */
export type SiteMember = MemberOptions & {
  /** Where it runs. Default: a place of its own. */
  readonly place?: Place
}

/** A Kubernetes namespace for one stage: its members run in pods, and reach the server through a proxy each. */
export class Site {
  readonly stage: Stage
  readonly cluster: KubernetesCluster
  readonly namespace: string
  readonly timing: Timing
  readonly kubelet: Kubelet
  readonly rights: Rights
  readonly lease: LeaseByHand
  readonly #account: ServiceAccount
  readonly #places = new Map<Member, Place>()
  #count = 0

  private constructor(
    stage: Stage,
    timing: Timing,
    cluster: KubernetesCluster,
    rights: Rights,
    account: ServiceAccount,
  ) {
    this.stage = stage
    this.timing = timing
    this.cluster = cluster
    this.namespace = rights.namespace
    this.rights = rights
    this.#account = account
    this.kubelet = new Kubelet(cluster)
    this.lease = new LeaseByHand(cluster, rights.namespace)
  }

  /** Makes a fresh namespace, with the rights that members need. */
  static async open(stage: Stage, { timing = DEFAULTS, cluster = sharedServer() }: SiteOptions = {}): Promise<Site> {
    const namespace = await cluster.namespace('faults')
    const rights = await Rights.grant(cluster, namespace)
    const account = await cluster.serviceAccount(namespace, 'members')
    return new Site(stage, timing, cluster, rights, account)
  }

  /** A place for a member. Default: a pod of one service account for all. */
  async place(options: Partial<PlaceOptions> = {}): Promise<Place> {
    this.#count += 1
    const place = await Place.make(this.cluster, this.kubelet, {
      name: `p${this.#count}`,
      account: this.#account,
      folder: this.stage.folder,
      ...options,
    })
    this.stage.owned.use(place.proxy)
    return place
  }

  /** Starts a container with a member's process in it, and waits until that competes (or, with `waits`, could). */
  async start(options: SiteMember = {}): Promise<Member> {
    const { place = await this.place(), settings, ...rest } = options
    if (!options.place) await place.runs()
    const member = await this.stage.start({ ...rest, settings: { ...this.timing, ...place.settings, ...settings } })
    this.#places.set(member, place)
    return member
  }

  startAll(count: number, options: SiteMember = {}): Promise<Member[]> {
    return Promise.all(Array.from({ length: count }, () => this.start(options)))
  }

  placeOf(member: Member): Place {
    const place = this.#places.get(member)
    if (!place) throw new Error(`${member.name} runs nowhere`)
    return place
  }

  /** Whoever leads, waiting for somebody who does. */
  leader(): Promise<Leader> {
    return this.stage.leader(PATIENCE_MS)
  }

  /** The first to lead after the mark that is not `before`. */
  next(before: Member, mark: number): Promise<Leader> {
    return this.stage.nextLeader(`another leads after ${before.name}`, PATIENCE_MS, mark, undefined, before)
  }

  /** Members whose processes have not ended. */
  get running(): Member[] {
    return this.stage.members.filter(member => member.process.running)
  }

  /** When the last renewal of a member was sent that it knows to have succeeded. */
  lastRenewal(member: Member): Millis {
    this.stage.mark()
    const event = this.stage.events.findLast(
      (event): event is LeaseEvent => event.kind === 'lease' && event.member === member.name,
    )
    if (!event) throw new Error(`${member.name} never led`)
    return event.end - endsOf(this.timing).hardEndAfterMs
  }

  /** Whoever leads, at a moment at which it has renewed and no renewal is under way. */
  async betweenRenewals(): Promise<Leader> {
    const { stage, timing } = this
    for (;;) {
      const leader = await this.leader()
      const name = leader.member.name
      const fits = (event: FaultEvent) =>
        (event.kind === 'lease' || event.kind === 'ended' || event.kind === 'kill') && event.member === name
      const { kind } = await stage.until(`${name} renews`, fits, PATIENCE_MS, stage.mark())
      if (kind !== 'lease') continue
      await stage.pause(timing.retryPeriod * (0.1 + 0.6 * stage.random()))
      if ((await this.leader()).term === leader.term) return leader
    }
  }

  /** Every way to the server is as it should be. */
  async heal(): Promise<void> {
    await Promise.all(this.running.map(member => this.placeOf(member).proxy.pass()))
  }

  /** Waits until every member that runs has seen the Lease held, by its own word in its log. */
  allKnowLeader(): Promise<void> {
    return this.stage.allKnowLeader(PATIENCE_MS)
  }

  /** Watches a leader for a while: fails if it does not keep its term. */
  mustStay(leader: Leader, ms: number): Promise<void> {
    return mustStay(this.stage, leader, ms)
  }

  /** Waits until the Lease says in which container its holder runs, which takes its process at least ten seconds. */
  async untilContainerKnown(leader: Leader): Promise<void> {
    const { containerID } = this.placeOf(leader.member)
    await this.lease.untilNoted(NOTE.containerId, containerID, PATIENCE_MS, () => mustLead(this.stage, leader))
  }
}
