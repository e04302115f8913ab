import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type MemberProcess, spawnMember } from '@dromedary/testing/harness'
import { Gate } from './gate.ts'
import type { MemberSpec } from './member/contract.ts'

const ENTRY = fileURLToPath(new URL('./member/main.ts', import.meta.url))

/** A member's process on a stage. */
export interface Member {
  readonly name: string
  readonly process: MemberProcess
}

/** More at once would only make each other, and the members that run, wait for a processor. */
const gate = new Gate(Math.max(2, availableParallelism()))

/**
 * All members' folder for what passes: what node compiled, shared since it is most of the time of a start, and what they
 * put into the temporary folder and cannot take away when they are killed. A short name: sockets lie in it.
 */
let scratch: string | undefined

/** For when no stage is open any more: nothing is left behind. */
export function dropScratch(): void {
  if (scratch) rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 })
  scratch = undefined
}

/** Waits for its turn to start members. */
export const starting = <T>(start: () => Promise<T>): Promise<T> => gate.through(start)

/** Starts a member's process. `within` goes before node on the command line. */
export async function launch(spec: MemberSpec, within: readonly string[]): Promise<Member> {
  const [command = process.execPath, ...prefix] = [...within, process.execPath]
  const { member: name } = spec
  scratch ??= mkdtempSync(join(tmpdir(), 'faults-'))
  const child = await spawnMember({
    script: ENTRY,
    args: [JSON.stringify(spec)],
    command,
    nodeArgs: prefix,
    name,
    // In a cluster of that kind the file service refuses to run, and this is one host.
    env: { KUBERNETES_SERVICE_HOST: undefined, NODE_COMPILE_CACHE: join(scratch, 'compiled'), TMPDIR: scratch },
  })
  return { name, process: child }
}

/** The last lines that a member printed. */
export const said = (member: Member): string =>
  member.process.lines.all
    .slice(-5)
    .map(line => line.text)
    .join(' | ') || 'it printed nothing'

/** Writes down all that a member printed: `m1.txt`. */
export function keepOutput({ name, process }: Member, folder: string): void {
  writeFileSync(join(folder, `${name}.txt`), process.lines.all.map(line => `${line.text}\n`).join(''))
}
