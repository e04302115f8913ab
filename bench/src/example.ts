import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { systemClock } from '@dromedary/core'
import { MemberGroup } from '@dromedary/testing/harness'
import type { Installed, Tarballs } from '../../scripts/built-form.ts'
import { ROOT } from '../../scripts/run.ts'
import { buildApplication } from '../../scripts/ship/application.ts'

/** The folder of the leader-election example. */
export const EXAMPLE = join(ROOT, 'examples/leader-election')

/** It, from source. */
export const EXAMPLE_SOURCE = join(EXAMPLE, 'src/main.ts')

/** It in its built form: what its `pnpm build` makes. */
export async function builtExample(tarballs: Tarballs): Promise<Installed & { readonly main: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'dromedary-built-'))
  await buildApplication({ application: EXAMPLE, out: folder, tarballs })
  return {
    folder,
    main: join(folder, 'dist/main.js'),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** What the example prints when this member begins to lead. */
export const LEADS = 'leader of camel-master is this member'

/** How members of the example find each other: the environment of one member each. */
export interface Meeting extends Disposable {
  readonly leader: Readonly<Record<string, string>>
  readonly follower: Readonly<Record<string, string>>
}

/** In a fresh folder of the file service. */
export function inFolder(): Meeting {
  const root = mkdtempSync(join(tmpdir(), 'dromedary-bench-start-'))
  const env = { CLUSTER_FILE_ROOT: root }
  return { leader: env, follower: env, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) }
}

/** From the start of the process until it leads, milliseconds. */
export async function timeToLead(script: string, { leader }: Meeting): Promise<number> {
  await using members = new MemberGroup({ script, env: leader })
  const before = systemClock.monotonic()
  const member = await members.spawn()
  const { at } = await member.waitForLine(LEADS)
  await member.stop()
  return at - before
}

export interface Memory {
  readonly leader: number
  readonly follower: number
}

/** Resident memory of two members of one namespace, in megabytes, after they have run for a while. */
export async function memoryOf(script: string, settleMs: number, meeting: Meeting): Promise<Memory> {
  await using members = new MemberGroup({ script })
  const leader = await members.spawn({ env: meeting.leader })
  await leader.waitForLine(LEADS)
  const follower = await members.spawn({ env: meeting.follower })
  await wait(settleMs)
  const memory = { leader: residentMb(leader.pid), follower: residentMb(follower.pid) }
  await leader.stop()
  await follower.stop()
  return memory
}

/** Linux only; NaN elsewhere. */
function residentMb(pid: number): number {
  try {
    const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return Number(kilobytes) / 1024
  } catch {
    return Number.NaN
  }
}
