import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** What a small disk needs of the machine; undefined where it is there. */
export function smallDiskUnavailable(): string | undefined {
  try {
    execFileSync('unshare', ['-m', 'mount', '-t', 'tmpfs', '-o', 'size=64k', 'none', '/mnt'], { stdio: 'ignore' })
    execFileSync('nsenter', ['--version'], { stdio: 'ignore' })
    return undefined
  } catch {
    return 'needs unshare and nsenter, and the right to mount in an own mount namespace (root): file modes prove nothing'
  }
}

/** How soon a full disk is full again. */
const REFILL_MS = 2

/**
 * A tmpfs of a few kilobytes over a folder, seen only in a mount namespace of its own: it can really be full, and
 * really be read-only. It vanishes with the process that holds the namespace.
 */
export class SmallDisk implements Disposable {
  /** Goes before a command to run it where the disk is. */
  readonly within: readonly string[]
  readonly #folder: string
  readonly #outside: string
  readonly #kill: () => void
  #filling: NodeJS.Timeout | undefined

  private constructor(folder: string, pid: number, kill: () => void) {
    this.#folder = folder
    this.within = ['nsenter', '-t', String(pid), '-m']
    this.#outside = join('/proc', String(pid), 'root', folder)
    this.#kill = kill
  }

  static async mount(folder: string): Promise<SmallDisk> {
    const script = 'mount -t tmpfs -o size=128k tmpfs "$1" && echo mounted && exec cat >&2'
    // cat ends when this process does: its standard input closes.
    const holder = spawn('unshare', ['-m', 'sh', '-c', script, 'sh', folder], { stdio: ['pipe', 'pipe', 'ignore'] })
    const refused = once(holder, 'exit').then(() => {
      throw new Error(`cannot mount a small disk over ${folder}`)
    })
    await Promise.race([once(createInterface({ input: holder.stdout }), 'line'), refused])
    refused.catch(() => {})
    const kill = () => void holder.kill('SIGKILL')
    return new SmallDisk(folder, holder.pid ?? 0, kill)
  }

  /** Writes until nothing fits any more, and again as soon as something was removed. */
  fill(): void {
    this.#fill()
    this.#filling = setInterval(() => this.#fill(), REFILL_MS)
  }

  #fill(): void {
    const file = openSync(join(this.#outside, 'filler'), 'a')
    try {
      for (const size of [4096, 1]) {
        const block = Buffer.alloc(size)
        try {
          for (let count = 0; count < 4096; count++) writeSync(file, block)
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
        }
      }
    } finally {
      closeSync(file)
    }
  }

  /** Makes room again. */
  free(): void {
    clearInterval(this.#filling)
    this.#run('rm', '-f', join(this.#folder, 'filler'))
  }

  readOnly(): void {
    this.#run('mount', '-o', 'remount,ro', this.#folder)
  }

  writable(): void {
    this.#run('mount', '-o', 'remount,rw', this.#folder)
  }

  #run(...words: string[]): void {
    const [command = '', ...rest] = [...this.within, ...words]
    execFileSync(command, rest, { stdio: 'ignore' })
  }

  [Symbol.dispose](): void {
    clearInterval(this.#filling)
    this.#kill()
  }
}
