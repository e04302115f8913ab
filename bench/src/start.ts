import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { systemClock } from '@dromedary/core'
import { MemberGroup } from '@dromedary/testing/harness'
import { builtExample, type Tarballs } from '../../scripts/built-form.ts'
import { must, ROOT } from '../../scripts/run.ts'
import { median, spread } from './arithmetic.ts'
import type { Measurement } from './measurement.ts'

const SOURCE = join(ROOT, 'examples/leader-election/src/main.ts')

/** What the example prints when this member begins to lead. */
const LEADS = 'leader of camel-master is this member'

/**
 * How long a process takes from its start until it leads, built and from source by turns, and bare node beside them for
 * the measure of the machine; and what a follower weighs.
 */
export async function start(tarballs: Tarballs, quick: boolean): Promise<Measurement> {
  using built = await builtExample(tarballs)
  const contenders = {
    node: timeOfBareNode,
    built: () => timeToLead(built.main),
    source: () => timeToLead(SOURCE),
  }
  const names = ['node', 'built', 'source'] as const
  const times: Record<(typeof names)[number], number[]> = { node: [], built: [], source: [] }
  // The first start of each fills the compile cache.
  for (let round = -1; round < (quick ? 2 : 11); round++) {
    for (const name of names) {
      const took = await contenders[name]()
      if (round >= 0) times[name].push(took)
    }
  }
  const memory = await memoryOf(built.main, quick ? 1_000 : 5_000)
  const text = (name: (typeof names)[number]) => {
    const { median, min, max } = spread(times[name])
    return `${median.toFixed(0)} ms (${min.toFixed(0)}–${max.toFixed(0)})`
  }
  return {
    name: 'start',
    line: [
      `start to leadership: built ${text('built')}, from source ${text('source')}, bare node to its end ${text('node')}`,
      `memory: leader ${memory.leader.toFixed(0)} MB, follower ${memory.follower.toFixed(0)} MB`,
    ].join('; '),
    figures: {
      builtMs: median(times.built),
      sourceMs: median(times.source),
      nodeMs: median(times.node),
      leaderMb: memory.leader,
      followerMb: memory.follower,
    },
  }
}

async function timeOfBareNode(): Promise<number> {
  const before = systemClock.monotonic()
  await must(process.execPath, ['-e', '0'])
  return systemClock.monotonic() - before
}

async function timeToLead(script: string): Promise<number> {
  const root = mkdtempSync(join(tmpdir(), 'dromedary-bench-start-'))
  await using members = new MemberGroup({ script, env: { CLUSTER_FILE_ROOT: root } })
  try {
    const before = systemClock.monotonic()
    const member = await members.spawn()
    const { at } = await member.waitForLine(LEADS)
    await member.stop()
    return at - before
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** Resident memory of two members of one namespace, in megabytes, after they have run for a while. */
async function memoryOf(script: string, settleMs: number): Promise<{ leader: number; follower: number }> {
  const root = mkdtempSync(join(tmpdir(), 'dromedary-bench-start-'))
  await using members = new MemberGroup({ script, env: { CLUSTER_FILE_ROOT: root } })
  try {
    const leader = await members.spawn()
    await leader.waitForLine(LEADS)
    const follower = await members.spawn()
    await wait(settleMs)
    const memory = { leader: residentMb(leader.pid), follower: residentMb(follower.pid) }
    await leader.stop()
    await follower.stop()
    return memory
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
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
