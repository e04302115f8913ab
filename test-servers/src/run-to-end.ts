import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import type { Environment } from './cache.ts'

/** How to run a command. */
export interface RunOptions {
  readonly cwd?: string
  /** Default: this process's. */
  readonly env?: Environment
  /** What it reads. Default: nothing. */
  readonly input?: string
  /** After so many milliseconds it is killed. Default: never. */
  readonly within?: number
  /** Kills it; then `runToEnd` rejects. Default: nothing does. */
  readonly signal?: AbortSignal
}

/** What a finished command has left. */
export interface Finished {
  /** Null if it was killed. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command to its end, whatever its exit code. It is killed when this process exits. Rejects with ENOENT. */
export async function runToEnd(file: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const { cwd, env = process.env, input = '', within, signal } = options
  const kill9 = { killSignal: 'SIGKILL', timeout: within, signal } as const
  const child = spawn(file, args, { cwd, env: { ...env }, stdio: 'pipe', ...kill9 })
  const kill = () => child.kill('SIGKILL')
  process.on('exit', kill)
  // It may end before it has read everything.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  try {
    const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
    return { code, stdout, stderr }
  } finally {
    process.off('exit', kill)
  }
}
