import { type SpawnOptions, spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'

/** The root of the repository. */
export const ROOT = join(import.meta.dirname, '..')

/** What a finished command left behind. */
export interface Finished {
  readonly code: number
  /** Standard output and standard error in the order of arrival. */
  readonly output: string
  readonly stdout: string
}

export interface RunOptions extends SpawnOptions {
  /** Before the tools of this repository, such as another Node. */
  readonly pathFirst?: readonly string[]
}

/**
 * Runs a command to its end, quietly, with the Node and the tools of this repository first on the PATH.
 * Never rejects for an exit code; 127 stands for a command that does not exist.
 */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return new Promise(resolve => {
    const { pathFirst = [], ...rest } = options
    const env = { ...(options.env ?? process.env), PATH: [...pathFirst, toolPath()].join(delimiter) }
    const child = spawn(command, args, { cwd: ROOT, ...rest, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    let stdout = ''
    child.stdout?.on('data', chunk => {
      output += chunk
      stdout += chunk
    })
    child.stderr?.on('data', chunk => {
      output += chunk
    })
    child.on('error', error => resolve({ code: 127, output: String(error), stdout }))
    child.on('close', code => resolve({ code: code ?? 1, output, stdout }))
  })
}

/** A compiler may say the same of each of a thousand files. */
const MOST_OUTPUT = 5_000

/** As {@link run}, but an exit code other than 0 is an error that carries the output. */
export async function must(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, output, stdout } = await run(command, args, options)
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}\n${output.slice(0, MOST_OUTPUT)}`)
  return stdout
}

/** pnpm of the pinned major, by the one way that is there on every machine with Node. */
export const pnpm = (args: readonly string[], options: SpawnOptions = {}) =>
  must('npx', ['-y', 'pnpm@12', ...args], options)

function toolPath(): string {
  const own = [join(ROOT, 'node_modules/.bin'), join(ROOT, 'node_modules/node/bin')]
  return [...own, process.env['PATH'] ?? ''].join(delimiter)
}
