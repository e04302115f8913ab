import type { Campaign, ClusterService, ClusterState, Leadership } from '@dromedary/core/cluster'
import { FakeClock, type SkewedClockOptions } from '@dromedary/testing'
import { expect } from 'vitest'
import type { KubernetesApi, Right } from '../../src/api.ts'
import { createKubernetesClusterService, type KubernetesClusterOptions } from '../../src/index.ts'
import type { LeaseObject } from '../../src/objects.ts'
import { DEFAULT_TIMES, passing } from './fixture.ts'
import type { RunOptions } from './kubelet.ts'
import { Log } from './log.ts'
import type { SimulatedApi } from './simulated-api.ts'
import { type SimulatedCluster, type SimulatedClusterOptions, simulatedCluster } from './simulated-cluster.ts'

export interface MemberOptions extends Omit<KubernetesClusterOptions, 'clock' | 'connect'> {
  /** Default `pod-1`, …; it is run unless it runs already. */
  readonly podName?: string
  readonly run?: RunOptions
  readonly clock?: SkewedClockOptions
  readonly rights?: readonly Right[]
  /** Milliseconds. Default: a third of the renew deadline. */
  readonly connectionTimeout?: number
  /** What the service is given instead of its way to the server. */
  readonly around?: (api: SimulatedApi) => KubernetesApi
  /** Whether it says drained as soon as it has to close. Default true. */
  readonly drains?: boolean
}

/** One process in a pod, and everything that its service told. */
export class Member {
  readonly pod: string
  readonly api: SimulatedApi
  readonly service: ClusterService
  readonly log = new Log()
  readonly leaderships: Leadership[] = []
  readonly states: ClusterState[] = []
  dead = false
  readonly #drains: boolean

  constructor(stage: Stage, pod: string, options: MemberOptions) {
    const { run, clock = {}, rights, around, drains = true, ...rest } = options
    const renewDeadline = Number(rest.renewDeadline ?? DEFAULT_TIMES.renewDeadline)
    const connectionTimeoutMs = rest.connectionTimeout ?? Math.floor(renewDeadline / 3)
    this.pod = pod
    this.#drains = drains
    if (run || !stage.cluster.pods.get(pod)) stage.cluster.pods.run(pod, run)
    this.api = stage.cluster.api({ member: pod, clock, connectionTimeoutMs, ...(rights && { rights }) })
    this.service = createKubernetesClusterService({
      podName: pod,
      podUid: stage.cluster.pods.get(pod)?.metadata.uid,
      ...DEFAULT_TIMES,
      random: () => 0.5,
      startedAt: this.api.clock.now(),
      env: {},
      log: this.log,
      ...rest,
      clock: this.api.clock,
      connect: async () => around?.(this.api) ?? this.api,
    })
  }

  observe(namespace = 'ns'): void {
    this.service.observe(namespace).subscribe(state => this.states.push(state))
  }

  compete(namespace = 'ns'): Campaign {
    const campaign = this.service.campaign(namespace, { participant: 'route' })
    campaign.leadership.subscribe(leadership => {
      if (!leadership || this.leaderships.includes(leadership)) return
      this.leaderships.push(leadership)
      if (!this.#drains) return
      if (leadership.closing.aborted) leadership.drained()
      else leadership.closing.addEventListener('abort', () => leadership.drained())
    })
    return campaign
  }

  get newest(): Leadership | undefined {
    return this.leaderships.at(-1)
  }

  get leads(): boolean {
    return this.newest?.accepts() ?? false
  }

  get term(): bigint | undefined {
    return this.newest?.term
  }

  get state(): ClusterState | undefined {
    return this.states.at(-1)
  }

  /** As by SIGKILL; kubelet says nothing of it. */
  kill(): void {
    this.dead = true
    this.api.kill()
  }
}

/** Members in pods of their own, on a simulated API server and a fake clock. Fails when two that live are valid at once. */
export class Stage {
  readonly clock = new FakeClock()
  readonly cluster: SimulatedCluster
  readonly members: Member[] = []
  /** How far apart it looks, milliseconds. */
  stepMs = 20

  constructor(options: Partial<SimulatedClusterOptions> = {}) {
    this.cluster = simulatedCluster({ clock: this.clock, ...options })
  }

  /** A member that was started and observes `ns`. */
  async member(options: MemberOptions = {}): Promise<Member> {
    const member = new Member(this, options.podName ?? `pod-${this.members.length + 1}`, options)
    this.members.push(member)
    member.observe()
    await passing(this.clock, member.service.start(), 1_000)
    return member
  }

  /** One that competes for `ns`, and leads or sees who leads. */
  async follower(options: MemberOptions = {}): Promise<Member> {
    const member = await this.member(options)
    member.compete()
    await this.until('it knows a leader', () => member.state?.leader !== undefined, 60_000)
    return member
  }

  /** One that leads `ns`. */
  async leader(options: MemberOptions = {}): Promise<Member> {
    const member = await this.follower(options)
    await this.until(`${member.pod} leads`, () => member.leads, 60_000)
    return member
  }

  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= this.stepMs) {
      await this.clock.advance(Math.min(this.stepMs, left))
      this.check()
    }
  }

  /** How long it took, milliseconds; fails when it does not hold within `ms`. */
  async until(what: string, holds: () => boolean, ms = 60_000): Promise<number> {
    await this.clock.advance(0)
    for (let passed = 0; ; passed += this.stepMs) {
      if (holds()) return passed
      if (passed > ms) expect.fail(`not within ${ms} ms: ${what}`)
      await this.pass(this.stepMs)
    }
  }

  /** Of `ns`. */
  get lease(): LeaseObject | undefined {
    return this.cluster.lease('dromedary-ns')
  }

  /** Changes the Lease of `ns` by hand. */
  tamper(change: (lease: LeaseObject) => LeaseObject): void {
    if (!this.lease) throw new Error('there is no Lease')
    this.cluster.tamper('dromedary-ns', change(this.lease))
  }

  /** An annotation `dromedary/…` of the Lease. */
  note(name: string): string | undefined {
    return this.lease?.metadata.annotations?.[`dromedary/${name}`]
  }

  /** Milliseconds since the renewal that the Lease shows was sent, by a holder whose clock is right. */
  get sinceRenewal(): number {
    return this.clock.now() - Date.parse(this.lease?.spec?.renewTime ?? '')
  }

  /** Until the newest renewal is so old. */
  async renewed(agoMs: number): Promise<void> {
    const before = this.lease?.metadata.resourceVersion
    await this.until('it renews', () => this.lease?.metadata.resourceVersion !== before)
    await this.pass(Math.max(0, agoMs - this.sinceRenewal))
  }

  containerOf(pod: string): string | undefined {
    return this.cluster.pods.get(pod)?.status?.containerStatuses?.[0]?.containerID
  }

  check(): void {
    const valid = this.members.filter(({ dead, leaderships }) => !dead && leaderships.some(one => one.isValid()))
    if (valid.length > 1) expect.fail(`valid at once: ${valid.map(({ pod }) => pod).join(', ')}`)
  }

  async stop(member: Member): Promise<void> {
    await passing(this.clock, member.service.stop(), 200_000)
  }
}
