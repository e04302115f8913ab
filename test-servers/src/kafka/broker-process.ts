import { runToEnd } from '../run-to-end.ts'
import type { ServerProcess } from '../server-process.ts'

/** How long a broker may take to end by itself, milliseconds. */
const END = 30_000

/** One life of a broker. */
export interface BrokerProcess {
  readonly pid: number
  readonly running: boolean
  /** SIGTERM; resolves when it has ended. Rejects if it had to be killed in the end. */
  stop(): Promise<void>
  /** SIGKILL; resolves when it has ended. */
  kill(): Promise<void>
  /** It stands still. */
  pause(): Promise<void>
  /** It goes on. */
  resume(): Promise<void>
  /** The last that can be done when this process exits. */
  end(): void
}

/** A JVM that is a child of this process. */
export class LocalBroker implements BrokerProcess {
  readonly #process: ServerProcess

  constructor(process: ServerProcess) {
    this.#process = process
  }

  get pid(): number {
    return this.#process.pid
  }

  get running(): boolean {
    return this.#process.running
  }

  async stop(): Promise<void> {
    if (!(await this.#process.stop(END))) throw new Error(`the broker did not end within ${END} ms of SIGTERM`)
  }

  kill(): Promise<void> {
    return this.#process.kill()
  }

  async pause(): Promise<void> {
    this.#process.signal('SIGSTOP')
  }

  async resume(): Promise<void> {
    this.#process.signal('SIGCONT')
  }

  end(): void {
    this.#process.signal('SIGKILL')
  }
}

/** A container; the process is the Docker client that started it, which ends with it. */
export class ContainedBroker implements BrokerProcess {
  readonly #client: ServerProcess
  readonly #name: string

  constructor(client: ServerProcess, name: string) {
    this.#client = client
    this.#name = name
  }

  /** The Docker client's. */
  get pid(): number {
    return this.#client.pid
  }

  get running(): boolean {
    return this.#client.running
  }

  async stop(): Promise<void> {
    // A paused container takes no signal.
    await this.#docker('unpause').catch(() => {})
    await this.#docker('stop', '-t', String(END / 1000))
    await this.#client.exited
  }

  async kill(): Promise<void> {
    // It may end by itself meanwhile, or not have begun.
    await this.#docker('kill').catch(() => this.#client.signal('SIGKILL'))
    await this.#client.exited
  }

  pause(): Promise<void> {
    return this.#docker('pause')
  }

  resume(): Promise<void> {
    return this.#docker('unpause')
  }

  /** Without its client the container has no standard input any more, and so its broker ends. */
  end(): void {
    this.#client.signal('SIGKILL')
  }

  async #docker(what: string, ...flags: string[]): Promise<void> {
    const { code, stderr } = await runToEnd('docker', [what, ...flags, this.#name])
    if (code !== 0) throw new Error(`docker ${what} ${this.#name}: ${stderr.trim()}`)
  }
}
