import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { type Clock, createLogger, DromedaryError, type Logger, silentSink, systemClock } from '@dromedary/core'
import {
  type Campaign,
  type CampaignOptions,
  type ClusterMember,
  type ClusterService,
  type ClusterState,
  GuardedObservable,
  VERSION,
} from '@dromedary/core/cluster'
import { Observable } from 'rxjs/internal/Observable'
import { of } from 'rxjs/internal/observable/of'
import type { KubernetesApi } from './api.ts'
import { DeferredApi } from './deferred-api.ts'
import { Election } from './election.ts'
import { LeaseFeed } from './lease-feed.ts'
import { leaseName } from './names.ts'
import type { KubernetesClusterOptions } from './options.ts'
import { OwnContainer } from './own-container.ts'
import { Permissions } from './permissions.ts'
import { PodFeed } from './pod-feed.ts'
import { type CheckedSettings, checkedSettings } from './settings.ts'

/**
 * The cluster service for the pods of a Kubernetes cluster, on Leases of coordination.k8s.io: client-go's record and rules,
 * a fencing term, and takeover before expiry where kubelet says that the leader's container has terminated. Throws
 * `DROMEDARY_CLUSTER_CONFIG` for options that cannot work; {@link ClusterService.start} does so for a kubeconfig that cannot.
 * An API server that is away, or that refuses, is a matter of health.
 *
 * No two members' `isValid()` are true at the same instant, given clock rates within 1 % and no pause hidden from both
 * clocks. Two things are outside of this: a member that has never seen the Lease makes it at once, so a Lease that was
 * deleted under a running leader may be taken by a member that starts then; and etcd restored from a backup under running
 * leaders, for members that had not seen them.
 */
export function createKubernetesClusterService(options: KubernetesClusterOptions = {}): ClusterService {
  return new KubernetesClusterService(options)
}

class KubernetesClusterService implements ClusterService {
  readonly '~core' = VERSION
  readonly id = 'kubernetes'
  readonly self: ClusterMember
  readonly #options: KubernetesClusterOptions
  readonly #settings: CheckedSettings
  readonly #clock: Clock
  readonly #log: Logger
  readonly #random: () => number
  readonly #pod: string
  readonly #startedAt: number
  readonly #api = new DeferredApi()
  readonly #leases: LeaseFeed
  readonly #pods: PodFeed | undefined
  readonly #container: OwnContainer
  readonly #permissions: Permissions
  readonly #report = (error: unknown) => this.#log.error('a listener of the cluster service threw', { error })
  readonly #elections = new Map<string, Election>()
  #connected = false
  #starting: Promise<void> | undefined
  #stopping: Promise<void> | undefined

  constructor(options: KubernetesClusterOptions) {
    this.#options = options
    this.#settings = checkedSettings(options)
    const { id, podName, podUid, containerName, retryPeriod, resourceName, earlyTakeover } = this.#settings
    this.#clock = options.clock ?? systemClock
    this.#log = createLogger(options.log ?? silentSink, 'cluster')
    this.#random = options.random ?? Math.random
    this.#pod = podName ?? ((options.env ?? process.env)['HOSTNAME'] || hostname())
    this.#startedAt = options.startedAt ?? this.#clock.now() - process.uptime() * 1000
    this.self = { id: id ?? randomUUID(), incarnation: randomUUID() }
    const common = { api: this.#api, clock: this.#clock, random: this.#random, retryMs: retryPeriod }
    const early = earlyTakeover === 'kubelet-status'
    this.#permissions = new Permissions({ ...common, log: this.#log, earlyTakeover: early })
    this.#leases = new LeaseFeed({ ...common, resourceName, mayWatchAll: () => this.#permissions.mayWatchAll() })
    // What is missing was said at start: without pods it goes by expiry.
    const failed = (failure: Error) => this.#log.debug(`the watch on a pod ended: ${failure.message}`)
    this.#pods = early ? new PodFeed({ ...common, failed }) : undefined
    this.#container = new OwnContainer({
      ...common,
      log: this.#log,
      pod: this.#pod,
      container: containerName,
      podUid,
      startedAt: this.#startedAt,
    })
  }

  start(): Promise<void> {
    if (this.#stopping) return Promise.reject(stopped())
    this.#starting ??= this.#start()
    return this.#starting
  }

  async #start(): Promise<void> {
    const api = await (this.#options.connect ?? (() => this.#connect()))()
    this.#api.connect(api)
    this.#connected = true
    if (this.#stopping) return
    const { resourceName } = this.#settings
    this.#log.info(
      `this member is ${this.self.id}, pod ${this.#pod}; members meet in the Leases ${resourceName}-… of the namespace ${api.namespace}`,
    )
    for (const namespace of this.#elections.keys()) this.#begin(namespace)
  }

  async #connect(): Promise<KubernetesApi> {
    const { connectApi } = await import('./client/connect.ts')
    return connectApi({ ...this.#settings, clock: this.#clock })
  }

  #begin(namespace: string): void {
    const election = this.#elections.get(namespace)
    if (!election || !this.#connected) return
    election.start()
    // Who only looks on needs no more than to read.
    if (election.lease.participants > 0) this.#permissions.check(leaseName(this.#settings.resourceName, namespace))
  }

  stop(options: { readonly drainMs?: number } = {}): Promise<void> {
    this.#stopping ??= this.#stop(options.drainMs)
    return this.#stopping
  }

  async #stop(drainMs: number | undefined): Promise<void> {
    await this.#starting?.catch(() => {})
    await Promise.all([...this.#elections.values()].map(election => election.stop(drainMs)))
    this.#permissions.close()
    this.#api.close()
  }

  observe(namespace: string): Observable<ClusterState> {
    const known = this.#elections.get(namespace)
    if (!known && this.#stopping) {
      return of({ namespace, role: 'off', highestTermSeen: 0n, health: { status: 'up', failures: 0 } })
    }
    const election = known ?? this.#election(namespace)
    // A namespace in which nobody campaigns is looked at while somebody subscribes.
    return new GuardedObservable(
      new Observable<ClusterState>(subscriber => {
        const subscription = election.state.observable.subscribe(subscriber)
        election.wake()
        return subscription
      }),
      this.#report,
    )
  }

  campaign(namespace: string, { participant }: CampaignOptions): Campaign {
    if (this.#stopping) throw stopped()
    const campaign = this.#election(namespace).join(participant)
    this.#begin(namespace)
    return campaign
  }

  #election(namespace: string): Election {
    let election = this.#elections.get(namespace)
    if (!election) {
      const { resourceName, retryPeriod, jitterFactor, timing } = this.#settings
      election = new Election({
        namespace,
        leaseName: leaseName(resourceName, namespace),
        resourceName,
        api: this.#api,
        leases: this.#leases,
        pods: this.#pods,
        container: this.#container,
        clock: this.#clock,
        random: this.#random,
        log: this.#log,
        self: this.self,
        pod: this.#pod,
        startedAt: this.#startedAt,
        timing,
        retryMs: retryPeriod,
        jitterFactor,
        ...(this.#options.onLease && { onLease: this.#options.onLease }),
      })
      this.#elections.set(namespace, election)
      this.#begin(namespace)
    }
    return election
  }
}

function stopped(): DromedaryError {
  return new DromedaryError('DROMEDARY_INVALID_STATE', 'The cluster service was stopped; make another one.')
}
