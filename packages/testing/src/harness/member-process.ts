import type { ChildProcess } from 'node:child_process'
import { systemClock } from '@dromedary/core'
import { type Line, Lines, type WaitForLine } from './lines.ts'

export interface ProcessExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** When it was noticed, on the host's monotonic clock in milliseconds. */
  readonly at: number
}

/** A real process under test. Disposing kills it, if it still runs, and waits for its end. */
export class MemberProcess implements AsyncDisposable {
  readonly name: string
  readonly pid: number
  readonly lines: Lines
  /** Resolves when the process has ended and all that it printed was read. */
  readonly exited: Promise<ProcessExit>
  readonly #child: ChildProcess
  #exit: ProcessExit | undefined

  /** For {@link spawnMember}: the child has a pid and piped streams. */
  constructor(name: string, child: ChildProcess, pid: number) {
    this.name = name
    this.pid = pid
    this.#child = child
    this.lines = new Lines(`${name} (pid ${pid})`)
    if (child.stdout) this.lines.read(child.stdout, 'stdout')
    if (child.stderr) this.lines.read(child.stderr, 'stderr')
    // Writing to a process that has just died is no failure of the test.
    child.stdin?.on('error', () => {})
    let at = 0
    child.once('exit', () => {
      at = systemClock.monotonic()
    })
    this.exited = new Promise(resolve => {
      child.once('close', (code, signal) => {
        this.#exit = { code, signal, at: at || systemClock.monotonic() }
        this.lines.end(`it ended with ${signal ?? `code ${code}`}`)
        resolve(this.#exit)
      })
    })
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** The first line that matches, on either stream; see {@link Lines.waitFor}. */
  waitForLine(pattern: RegExp | string, options?: WaitForLine): Promise<Line> {
    return this.lines.waitFor(pattern, options)
  }

  /** One line to its standard input. */
  writeLine(text: string): void {
    this.#child.stdin?.write(`${text}\n`)
  }

  /** False when it had ended already: a pid is never signalled after that. Returns after the kernel took the signal. */
  signal(signal: NodeJS.Signals): boolean {
    return this.running && this.#child.kill(signal)
  }

  /** SIGKILL; returns the host's monotonic time just before it was sent, in milliseconds. */
  kill(): number {
    const at = systemClock.monotonic()
    this.signal('SIGKILL')
    return at
  }

  /** SIGSTOP: it stands still in the middle of whatever it did. */
  pause(): boolean {
    return this.signal('SIGSTOP')
  }

  /** SIGCONT. */
  resume(): boolean {
    return this.signal('SIGCONT')
  }

  /** SIGTERM, then waits; after `within` milliseconds (default 30,000) SIGKILL. */
  async stop(within = 30_000): Promise<ProcessExit> {
    this.signal('SIGTERM')
    this.resume()
    const timer = systemClock.setTimeout(() => this.kill(), within)
    const exit = await this.exited
    timer.cancel()
    return exit
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill()
    await this.exited
  }
}
