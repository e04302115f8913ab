import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MemberGroup, type MemberProcess } from '@dromedary/testing/harness'
import type { TestContext } from 'vitest'

export const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))
/** `--set` for each of them. */
export const set = (...settings: string[]): string[] => settings.flatMap(setting => ['--set', setting])

/** The leader of the namespace, as its members see it. */
export const LEADS = '[cluster] (Dromedary (leader-election)) leader of camel-master is this member'
export const FIRED = 'Clustered route (timer)'

/** What tells a test's end; tests run at the same time, so it is the one of the context. */
type Ending = Pick<TestContext, 'onTestFinished'>

/** A folder that is gone after the test. */
export function temporaryFolder({ onTestFinished }: Ending): string {
  const folder = mkdtempSync(join(tmpdir(), 'dromedary-example-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Real processes of the example, all meeting in one fresh folder; killed after the test. */
export function example(test: Ending, script = MAIN) {
  const root = temporaryFolder(test)
  const group = new MemberGroup({
    script,
    env: { NODE_ID: undefined, CLUSTER_SERVICE: undefined, CLUSTER_FILE_ROOT: undefined },
  })
  test.onTestFinished(() => group[Symbol.asyncDispose]())
  return {
    root,
    /** Another member, with these settings besides the folder. */
    spawn: (...settings: string[]): Promise<MemberProcess> =>
      group.spawn({ args: set(`cluster.file.root=${root}`, ...settings) }),
    /** A process with exactly this command line and environment. */
    run: (args: string[], env: Record<string, string> = {}): Promise<MemberProcess> => group.spawn({ args, env }),
  }
}

/** How often the clustered route has fired in it. */
export const fired = (member: MemberProcess): number => member.lines.matching(FIRED).length
