import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { MemberProcess } from './member-process.ts'

export interface SpawnOptions {
  /** The file that node runs. Only a `command` of its own can do without. */
  readonly script?: string
  readonly args?: readonly string[]
  /** Added to this process's environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Options of node itself, such as `--enable-source-maps`. */
  readonly nodeArgs?: readonly string[]
  readonly cwd?: string
  /** What to run instead of this process's node; with `script` and `args` after it. */
  readonly command?: string
  /** A name for error messages. Default: the script, or the command. */
  readonly name?: string
}

const alive = new Set<MemberProcess>()

/** Starts a real process. It is killed by its pid when this process exits, whatever the test did. Rejects if it cannot start. */
export async function spawnMember(options: SpawnOptions): Promise<MemberProcess> {
  const { script, args = [], nodeArgs = [], command } = options
  if (script === undefined && command === undefined) throw new TypeError('a member needs a script or a command')
  const program = command ?? process.execPath
  const name = options.name ?? script ?? program
  const child = spawn(program, [...nodeArgs, ...(script === undefined ? [] : [script]), ...args], {
    env: { ...process.env, ...options.env },
    stdio: 'pipe',
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  })
  if (child.pid === undefined) {
    const [error] = await once(child, 'error')
    throw error
  }
  const member = new MemberProcess(name, child, child.pid)
  if (alive.size === 0) process.on('exit', killAll)
  alive.add(member)
  void member.exited.then(() => {
    alive.delete(member)
    if (alive.size === 0) process.off('exit', killAll)
  })
  return member
}

function killAll(): void {
  for (const member of alive) member.kill()
}

/**
 * Several processes that end together: `await using members = new MemberGroup()`. Options given here hold for each of
 * them, unless its own say otherwise.
 */
export class MemberGroup implements AsyncDisposable {
  readonly #defaults: SpawnOptions
  readonly #members: MemberProcess[] = []

  constructor(defaults: SpawnOptions = {}) {
    this.#defaults = defaults
  }

  /** All that were spawned, also those that have ended. */
  get members(): readonly MemberProcess[] {
    return this.#members
  }

  async spawn(options: SpawnOptions = {}): Promise<MemberProcess> {
    const merged = { ...this.#defaults, ...options, env: { ...this.#defaults.env, ...options.env } }
    const member = await spawnMember(merged)
    this.#members.push(member)
    return member
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#members.map(member => member[Symbol.asyncDispose]()))
  }
}
