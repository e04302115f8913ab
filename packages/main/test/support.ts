import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { onTestFinished } from 'vitest'
import type { Configuration } from '../src/configuration/configuration.ts'
import { loadConfiguration } from '../src/configuration/load.ts'

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dromedary-main-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export interface Written {
  readonly yaml?: string
  readonly environment?: Record<string, string>
  /** Each becomes a `--set`. */
  readonly set?: readonly string[]
}

/** What an application in an empty folder would read. */
export async function configured({ yaml, environment = {}, set = [] }: Written): Promise<Configuration> {
  const folder = temporaryFolder()
  if (yaml !== undefined) writeFileSync(join(folder, 'application.yaml'), yaml)
  const module = pathToFileURL(join(folder, 'main.ts'))
  const argv = set.flatMap(setting => ['--set', setting])
  return (await loadConfiguration({ module, argv, environment })).configuration
}
