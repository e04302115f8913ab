import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url))

/** A member as a process of its own, in a group of its own: it gets each signal once, from us. */
export class Member {
  readonly #child: ChildProcess
  readonly exited: Promise<string>

  constructor(args: readonly string[]) {
    this.#child = spawn(process.execPath, [MAIN, ...args], { detached: true, stdio: 'inherit' })
    this.exited = once(this.#child, 'exit').then(([code, signal]) => signal ?? `exit code ${code}`)
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  async stop(signal: NodeJS.Signals): Promise<void> {
    this.#child.kill(signal)
    await this.exited
  }
}
