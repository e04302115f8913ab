import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MemberGroup, type MemberProcess } from '@dromedary/testing/harness'
import { onTestFinished } from 'vitest'

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dromedary-feed-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Runs scripts of the example, as if in a folder of its own in which nothing was started. Killed after the test. */
export function scripts(env: Readonly<Record<string, string | undefined>> = {}) {
  const folder = temporaryFolder()
  const runFile = join(folder, 'run.json')
  const group = new MemberGroup({
    env: { KAFKA_BROKERS: undefined, NODE_ID: undefined, FEED_TO_KAFKA_RUN: runFile, ...env },
  })
  onTestFinished(() => group[Symbol.asyncDispose]())
  return {
    folder,
    runFile,
    run: (script: string, ...args: string[]): Promise<MemberProcess> =>
      group.spawn({ script: fileURLToPath(new URL(`../../src/${script}.ts`, import.meta.url)), args }),
  }
}
