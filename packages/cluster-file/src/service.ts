import { randomUUID } from 'node:crypto'
import { isAbsolute, join } from 'node:path'
import {
  type Clock,
  createLogger,
  DromedaryError,
  type Logger,
  messageOf,
  silentSink,
  systemClock,
} from '@dromedary/core'
import {
  type Campaign,
  type CampaignOptions,
  type ClusterMember,
  type ClusterService,
  type ClusterState,
  type LeaseTiming,
  leaseTiming,
  VERSION,
} from '@dromedary/core/cluster'
import type { Observable } from 'rxjs'
import { of } from 'rxjs/internal/observable/of'
import { Election } from './election.ts'
import { hostIdentity, sharedFilesystem } from './host.ts'
import { Layout } from './layout.ts'
import { codeOf, type LockFs, nodeLockFs } from './lock-fs.ts'
import { type FileClusterOptions, type FileClusterSettings, fileClusterOptions } from './options.ts'
import { rehearse } from './rehearsal.ts'
import type { LockLibrary } from './tenure.ts'

/** Not while everything else of the process starts. */
const REHEARSE_AFTER_MS = 100

/** Of a root that cannot be used, these are mistakes of people; everything else may pass. */
const CONFIGURATION_ERRORS: Readonly<Record<string, string>> = {
  EACCES: 'this process has no right to write there',
  EPERM: 'this process has no right to write there',
  EROFS: 'it lies on a read-only file system',
  ENOTDIR: 'a part of it is a file, not a folder',
  EEXIST: 'it is a file, not a folder',
  ENAMETOOLONG: 'it is too long',
  EINVAL: 'no folder can be made there',
}

/**
 * The cluster service for the members of one host, on proper-lockfile: they meet in a folder. Throws
 * `DROMEDARY_CLUSTER_CONFIG` for options that cannot work; {@link ClusterService.start} does so for a folder that cannot.
 *
 * No two members' `isValid()` are true at the same instant, given clock rates within 1 % and no pause hidden from both
 * clocks. A member that has seen nothing of an earlier leader, because the whole folder was removed by hand while that
 * one was running, is outside of this.
 */
export function createFileClusterService(options: FileClusterOptions): ClusterService {
  return new FileClusterService(options)
}

class FileClusterService implements ClusterService {
  readonly '~core' = VERSION
  readonly id = 'file'
  readonly self: ClusterMember
  readonly #settings: FileClusterSettings
  readonly #timing: LeaseTiming
  readonly #clock: Clock
  readonly #log: Logger
  readonly #random: () => number
  readonly #fs: LockFs
  readonly #options: FileClusterOptions
  readonly #host = hostIdentity()
  readonly #elections = new Map<string, Election>()
  #library: LockLibrary | undefined
  #watcher: { close(): void } | undefined
  #starting: Promise<void> | undefined
  #stopping: Promise<void> | undefined

  constructor(options: FileClusterOptions) {
    this.#options = options
    this.#settings = readSettings(options)
    this.#timing = leaseTiming(this.#settings.stale)
    this.#clock = options.clock ?? systemClock
    this.#log = createLogger(options.log ?? silentSink, 'cluster')
    this.#random = options.random ?? Math.random
    this.#fs = options.fs ?? nodeLockFs
    this.self = { id: this.#settings.id ?? randomUUID(), incarnation: randomUUID() }
  }

  start(): Promise<void> {
    if (this.#stopping) return Promise.reject(stopped())
    this.#starting ??= this.#start()
    return this.#starting
  }

  async #start(): Promise<void> {
    const { root, allowKubernetes } = this.#settings
    if ((this.#options.env ?? process.env)['KUBERNETES_SERVICE_HOST'] !== undefined && !allowKubernetes) {
      throw new DromedaryError(
        'DROMEDARY_CLUSTER_CONFIG',
        'The file cluster service elects among the processes of one host, but this is a Kubernetes pod: use cluster.service=kubernetes, or set cluster.file.allow-kubernetes=true if all members share one folder on one node.',
      )
    }
    const [library] = await Promise.all([import('proper-lockfile'), this.#prepareRoot()])
    this.#library = library.default as unknown as LockLibrary
    if (this.#stopping) return
    this.#log.info(`this member is ${this.self.id}; members meet in ${root}`)
    for (const election of this.#elections.values()) election.start()
    if (this.#options.rehearse ?? this.#options.fs === undefined) {
      this.#clock.setTimeout(() => this.#rehearse(), REHEARSE_AFTER_MS).unref()
    }
  }

  /** Only a follower needs the practice, and only it has the time. */
  #rehearse(): void {
    const follows = [...this.#elections.values()].some(
      ({ lease }) => lease.participants > 0 && lease.role === undefined,
    )
    if (follows && !this.#stopping) void rehearse(this.#common(), this.#clock)
  }

  /** Makes the root and tries to write there. Rejects for mistakes of people only. */
  async #prepareRoot(): Promise<void> {
    const { root } = this.#settings
    try {
      const layout = new Layout(root, '')
      for (const folder of new Set([root, layout.prep, layout.sockets || root])) await this.#fs.mkdir(folder)
      const attempt = join(layout.prep, layout.newNonce())
      await this.#fs.mkdir(attempt)
      await this.#fs.rmdir(attempt)
      const shared = sharedFilesystem(await this.#fs.filesystemType(root))
      if (shared) {
        this.#log.warn(
          `${root} lies on ${shared}: the file cluster service is for the members of one host. Members on other hosts or in other containers may not see each other.`,
        )
      }
    } catch (error) {
      const mistake = CONFIGURATION_ERRORS[codeOf(error) ?? '']
      if (mistake === undefined) {
        // The elections try again, and say so in their health.
        this.#log.warn(`the cluster folder ${root} cannot be used yet: ${messageOf(error)}`)
        return
      }
      throw new DromedaryError(
        'DROMEDARY_CLUSTER_CONFIG',
        `The cluster folder ${root} (cluster.file.root) cannot be used: ${mistake}.`,
        { cause: error },
      )
    }
  }

  stop(options: { readonly drainMs?: number } = {}): Promise<void> {
    this.#stopping ??= this.#stop(options.drainMs)
    return this.#stopping
  }

  async #stop(drainMs: number | undefined): Promise<void> {
    await this.#starting?.catch(() => {})
    await Promise.all([...this.#elections.values()].map(election => election.stop(drainMs)))
    this.#watcher?.close()
    this.#watcher = undefined
  }

  observe(namespace: string): Observable<ClusterState> {
    const known = this.#elections.get(namespace)
    if (known) return known.state.observable
    if (this.#stopping) {
      return of({ namespace, role: 'off', highestTermSeen: 0n, health: { status: 'up', failures: 0 } })
    }
    return this.#election(namespace).state.observable
  }

  campaign(namespace: string, { participant }: CampaignOptions): Campaign {
    if (this.#stopping) throw stopped()
    return this.#election(namespace).join(participant)
  }

  #election(namespace: string): Election {
    let election = this.#elections.get(namespace)
    if (!election) {
      const { root, acquireLockDelay } = this.#settings
      election = new Election({
        ...this.#common(),
        namespace,
        fs: this.#fs,
        log: this.#log,
        layout: new Layout(root, namespace),
        delayMs: acquireLockDelay,
        foldersMade: () => this.#watch(),
        ...(this.#options.onLease && { onLease: this.#options.onLease }),
      })
      this.#elections.set(namespace, election)
      if (this.#library) election.start()
    }
    return election
  }

  /** What all elections of this member have in common. */
  #common() {
    const { update, stale, acquireLockInterval } = this.#settings
    return {
      clock: this.#clock,
      random: this.#random,
      library: { lock: (...args: Parameters<LockLibrary['lock']>) => this.#lock(...args) },
      self: this.self,
      host: this.#host,
      timing: this.#timing,
      updateMs: update,
      staleMs: stale,
      intervalMs: acquireLockInterval,
    }
  }

  #lock(...args: Parameters<LockLibrary['lock']>): ReturnType<LockLibrary['lock']> {
    if (!this.#library) throw new DromedaryError('DROMEDARY_INVALID_STATE', 'The cluster service was not started.')
    return this.#library.lock(...args)
  }

  /** One watch for all namespaces; only a hint, so a failing one is no failure. */
  #watch(): void {
    this.#watcher?.close()
    this.#watcher = undefined
    if (this.#stopping) return
    try {
      this.#watcher = this.#fs.watch(
        this.#settings.root,
        name => this.#hint(name),
        error => this.#log.debug('file events stopped; polling goes on', { error }),
      )
    } catch (error) {
      this.#log.debug('no file events here; polling goes on', { error })
    }
  }

  #hint(name: string | undefined): void {
    for (const election of this.#elections.values()) {
      if (name === undefined || name === election.lockName) election.wake()
    }
  }
}

function readSettings(options: FileClusterOptions): FileClusterSettings {
  const parsed = fileClusterOptions.safeParse(options)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw invalid(`${String(issue?.path.join('.') || 'an option')} ${issue?.message ?? 'is wrong'}`)
  }
  const settings = parsed.data
  if (!isAbsolute(settings.root)) {
    throw invalid(`root must be an absolute path, but is "${settings.root}"`)
  }
  if (settings.stale < 2 * settings.update) {
    throw invalid(
      `stale (${settings.stale} ms) must be at least twice update (${settings.update} ms), or a healthy leader is taken for a dead one`,
    )
  }
  return settings
}

function invalid(what: string): DromedaryError {
  return new DromedaryError('DROMEDARY_CLUSTER_CONFIG', `The file cluster service is configured wrongly: ${what}.`)
}

function stopped(): DromedaryError {
  return new DromedaryError('DROMEDARY_INVALID_STATE', 'The cluster service was stopped; make another one.')
}
