import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { maskSecrets } from '@dromedary/core'

/** What a finished program has left. */
export interface Finished {
  /** As a shell has it: 127 if there is no such program, 126 if the system does not run it; then `stderr` says why not. */
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** How to run a program. */
export interface RunOptions {
  /** What it reads. Default: nothing. */
  readonly input?: string
  /** What people see on standard output while it runs, line by line, secrets masked. Default: nothing. */
  readonly shown?: readonly ('stdout' | 'stderr')[]
  readonly cwd?: string
}

/** Runs a program to its end, whatever its exit code. */
export async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const { input = '', shown = [], cwd } = options
  const child = spawn(program, args, { cwd, stdio: 'pipe' })
  // It may end before it has read everything, or may not be there.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  for (const stream of shown) {
    createInterface({ input: child[stream] }).on('line', line => process.stdout.write(`${maskSecrets(line)}\n`))
  }
  try {
    const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
    return { code: code ?? 1, stdout, stderr }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return { code: code === 'ENOENT' ? 127 : 126, stdout: '', stderr: message }
  }
}
