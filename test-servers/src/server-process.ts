import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'

/** What to run. */
export interface ServerCommand {
  readonly file: string
  readonly args: readonly string[]
  /** Standard output and standard error are appended to this file. */
  readonly log: string
}

const alive = new Set<ServerProcess>()

/** When this process ends early: nothing asynchronous happens any more, and a signal is not. */
function killAll(): void {
  for (const server of alive) server.signal('SIGKILL')
}

/** A server's process. Its standard input is a pipe from this process, so that it can notice our death. */
export class ServerProcess {
  readonly pid: number
  /** Resolves when it has ended and its ports are free. */
  readonly exited: Promise<void>
  readonly #child: ChildProcess

  /** For {@link spawnServer}. */
  constructor(child: ChildProcess, pid: number) {
    this.pid = pid
    this.#child = child
    // A paused or dying server reads nothing, and nothing is written.
    child.stdin?.on('error', () => {})
    this.exited = new Promise(resolve => child.once('exit', () => resolve()))
    if (alive.size === 0) process.on('exit', killAll)
    alive.add(this)
    void this.exited.then(() => {
      child.stdin?.destroy()
      alive.delete(this)
      if (alive.size === 0) process.off('exit', killAll)
    })
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** False when it had ended already: a pid is never signalled after that. */
  signal(signal: NodeJS.Signals): boolean {
    return this.running && this.#child.kill(signal)
  }

  /** SIGKILL, and waits for the end. */
  async kill(): Promise<void> {
    this.signal('SIGKILL')
    await this.exited
  }

  /** SIGTERM, also to a stopped one, and waits for the end; after `within` milliseconds SIGKILL. False if that was needed. */
  async stop(within: number): Promise<boolean> {
    let clean = true
    this.signal('SIGTERM')
    this.signal('SIGCONT')
    const timer = setTimeout(() => {
      clean = !this.signal('SIGKILL')
    }, within)
    await this.exited
    clearTimeout(timer)
    return clean
  }
}

/** Starts a server's process. It is killed by its pid when this process exits. Rejects if it cannot start. */
export async function spawnServer({ file, args, log }: ServerCommand): Promise<ServerProcess> {
  const output = openSync(log, 'a')
  try {
    // Every other descriptor of this process is closed on exec, which is how node opens them.
    const child = spawn(file, args, { stdio: ['pipe', output, output] })
    if (child.pid === undefined) {
      const [error] = await once(child, 'error')
      throw error
    }
    return new ServerProcess(child, child.pid)
  } finally {
    closeSync(output)
  }
}
