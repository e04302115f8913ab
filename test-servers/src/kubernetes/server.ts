import { randomBytes } from 'node:crypto'
import { KubernetesCluster } from './cluster.ts'
import { type Backup, Instance } from './instance.ts'
import { findServerSource, type ServerSource } from './source.ts'

/** How to start a server; by default from what the environment offers, with nothing special. */
export interface KubernetesOptions {
  /** More flags of kube-apiserver; they win over ours. */
  readonly flags?: readonly string[]
  /** Default: `KUBEBUILDER_ASSETS` if it is set, else our own binary, which is built if need be. */
  readonly source?: ServerSource
}

const open = new Set<Instance>()

/** How long a killed process may take to end the system call that it is in, milliseconds. */
const DEATH = 100

/** When this process ends early. The server goes first: a living one would write into the folder while it is removed. */
process.on('exit', () => {
  if (open.size === 0) return
  for (const instance of open) instance.processes.signal('SIGKILL')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, DEATH)
  for (const instance of open) instance.removeFolder()
})

/** An API server of our own, which can be stopped and started. Disposing kills it and removes its data. */
export class KubernetesServer extends KubernetesCluster implements AsyncDisposable {
  readonly #instance: Instance

  /** For {@link startKubernetes}: the instance runs. */
  constructor(instance: Instance) {
    const { connection, files } = instance
    const own = { auditFile: files.audit, certFolder: files.certs }
    super({ connection, run: randomBytes(4).toString('hex'), own })
    this.#instance = instance
  }

  /** Where its data, its log `server.log` and its certificates are. */
  get folder(): string {
    return this.#instance.folder
  }

  get running(): boolean {
    return this.#instance.processes.running
  }

  /** Of the processes that run; one, or two with `KUBEBUILDER_ASSETS`. */
  get pids(): readonly number[] {
    return this.#instance.processes.pids
  }

  /** Starts it again with its data, on its port; resolves when it is ready. */
  start(): Promise<void> {
    return this.#instance.start()
  }

  /** SIGTERM; resolves when it has ended. */
  stop(): Promise<void> {
    return this.#instance.processes.stop()
  }

  /** SIGKILL; resolves when it has ended. */
  kill(): Promise<void> {
    return this.#instance.processes.kill()
  }

  async restart(): Promise<void> {
    await this.stop()
    await this.start()
  }

  /** SIGSTOP: it accepts connections and answers nothing. */
  pause(): void {
    this.#instance.processes.signal('SIGSTOP')
  }

  /** SIGCONT. */
  resume(): void {
    this.#instance.processes.signal('SIGCONT')
  }

  /** Copies its data. Throws unless it is stopped. */
  backup(): Backup {
    return this.#instance.backup()
  }

  /** Puts its data back to what it was. Throws unless it is stopped. */
  restore(backup: Backup): void {
    this.#instance.restore(backup)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    this.#instance.removeFolder()
    open.delete(this.#instance)
  }
}

/** Starts an API server of our own, whatever `KUBECONFIG` says; resolves when it is ready, after 3 to 5 seconds. */
export async function startKubernetes(options: KubernetesOptions = {}): Promise<KubernetesServer> {
  const instance = new Instance(options.source ?? findServerSource(), options.flags ?? [])
  open.add(instance)
  try {
    await instance.start()
    return new KubernetesServer(instance)
  } catch (error) {
    instance.removeFolder()
    open.delete(instance)
    throw error
  }
}
