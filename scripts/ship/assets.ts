import { observabilityThread, THREAD_ASSET } from '../observability-thread.ts'
import type { Manifest } from '../workspace.ts'

/** What packages of an application read from inside of its executable, since no files lie beside it: texts by their names. */
export async function assetsOf({ dependencies = {} }: Manifest): Promise<Readonly<Record<string, string>>> {
  return '@dromedary/observability' in dependencies ? { [THREAD_ASSET]: await observabilityThread() } : {}
}
