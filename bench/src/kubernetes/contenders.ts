import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MemberGroup } from '@dromedary/testing/harness'
import { must, ROOT } from '../../../scripts/run.ts'
import type { Size } from './rules.ts'
import type { Site } from './site.ts'

/** Somebody whose members campaign on a site. */
export interface Contender {
  readonly name: 'dromedary' | 'client-go'
  /** Starts the processes; they end with the group, or after the seconds. */
  start(group: MemberGroup, site: Site, size: Size, seconds: number): Promise<void>
}

/** The usual machine has two cores, and the server needs one of them. */
const MOST_PROCESSES = 2

/** How long members may take to start, milliseconds. */
const START_MS = 60_000

/** Two members are two processes; more of them share two, as service objects that know nothing of each other. */
export const dromedary: Contender = {
  name: 'dromedary',
  async start(group, { folder }, { members, namespaces }) {
    const each = Math.ceil(members / MOST_PROCESSES)
    for (let from = 0; from < members; from += each) {
      const range = [from, Math.min(members, from + each), namespaces].map(String)
      await group.spawn({ script: join(import.meta.dirname, 'members.ts'), args: [folder, ...range] })
    }
    await Promise.all(group.members.map(member => member.waitForLine(/^started$/, { within: START_MS })))
  },
}

/** client-go, built from `bench/client-go`. */
export interface ClientGo extends Contender, Disposable {}

/** With the flags of test-servers' own build, so that what it has compiled is not compiled again. */
export async function buildClientGo(): Promise<ClientGo> {
  const output = mkdtempSync(join(tmpdir(), 'dromedary-bench-client-go-'))
  const program = join(output, 'client-go')
  const env = { ...process.env, CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOFLAGS: '-p=2 -buildvcs=false' }
  const dispose = () => rmSync(output, { recursive: true, force: true })
  try {
    const flags = ['-trimpath', '-ldflags=-s -w']
    await must('go', ['build', ...flags, '-o', program, '.'], { cwd: join(ROOT, 'bench/client-go'), env })
  } catch (error) {
    dispose()
    throw error
  }
  return {
    name: 'client-go',
    async start(group, { folder }, { members, namespaces }, seconds) {
      const args = [members, namespaces, seconds].map(String)
      const process = await group.spawn({ command: program, script: folder, args, name: 'client-go' })
      await process.waitForLine(/^started$/, { within: START_MS })
    },
    [Symbol.dispose]: dispose,
  }
}
