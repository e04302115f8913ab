import { cpSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemClock } from '@dromedary/core'
import { MemberGroup, type MemberProcess } from '@dromedary/testing/harness'
import { set, temporaryFolder } from './members.ts'

const EXAMPLE = fileURLToPath(new URL('..', import.meta.url))

/** What dev mode says when a change is done. */
export const CHANGED = /\[dev\] .* Changed in \d+ ms: /
export const MISTAKE = / ERROR \[dev\] /

export interface DevStart {
  /** For `--set`. */
  readonly settings?: readonly string[]
  /** Options of node itself. */
  readonly nodeArgs?: readonly string[]
}

/** A copy of the example, whose files a test may change, and processes that run it in dev mode. */
export class DevProject {
  readonly folder: string
  /** Where the members meet; one may run another copy. */
  readonly root: string
  readonly #group: MemberGroup

  constructor(test: Parameters<typeof temporaryFolder>[0], root?: string) {
    this.folder = temporaryFolder(test)
    this.root = root ?? join(this.folder, 'cluster')
    for (const name of ['src', 'package.json', 'application.yaml']) {
      cpSync(join(EXAMPLE, name), join(this.folder, name), { recursive: true })
    }
    symlinkSync(join(EXAMPLE, 'node_modules'), join(this.folder, 'node_modules'))
    this.#group = new MemberGroup({
      script: this.path('src/dev.ts'),
      env: { NODE_ID: undefined, CLUSTER_SERVICE: undefined, CLUSTER_FILE_ROOT: undefined },
    })
    test.onTestFinished(() => this.#group[Symbol.asyncDispose]())
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8')
  }

  /** In one write. Returns when it was saved, on the host's monotonic clock in milliseconds. */
  save(name: string, text: string): number {
    const at = systemClock.monotonic()
    writeFileSync(this.path(name), text)
    return at
  }

  /** As many editors do: under another name first. */
  saveByRename(name: string, text: string): number {
    const at = systemClock.monotonic()
    writeFileSync(this.path(`${name}.tmp`), text)
    renameSync(this.path(`${name}.tmp`), this.path(name))
    return at
  }

  /** With another text in the place of one that must be there. */
  edit(name: string, from: string, to: string): number {
    const text = this.read(name)
    if (!text.includes(from)) throw new Error(`${name} does not contain ${from}`)
    return this.save(name, text.replace(from, to))
  }

  spawn({ settings = [], nodeArgs = [] }: DevStart = {}): Promise<MemberProcess> {
    return this.#group.spawn({ args: set(`cluster.file.root=${this.root}`, ...settings), nodeArgs })
  }

  /** A process that runs, and watches. */
  async start(options?: DevStart): Promise<MemberProcess> {
    const member = await this.spawn(options)
    await member.waitForLine('Dev mode: a saved change')
    return member
  }
}

/** Does something, and waits for a line that comes after it. Returns its text. */
export async function after(member: MemberProcess, act: () => unknown, line: RegExp | string): Promise<string> {
  const from = member.lines.all.length
  act()
  return (await member.waitForLine(line, { from })).text
}
