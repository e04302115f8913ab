import { existsSync, realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DromedaryError } from '@dromedary/core'
import { Application } from './application.ts'
import { devHost, setDevHost } from './dev/host.ts'
import { DevSession } from './dev/session.ts'

export interface DevOptions {
  /** The module that calls `runApplication`, or one that imports it: a `file:` URL, or a path (relative to the working directory). */
  readonly application: URL | string
}

/**
 * Runs an application for its developer: as `runApplication` does, and a saved change of its modules or of its
 * configuration takes effect at once, route by route. Unchanged routes go on, and keep their leadership. A mistake is
 * reported with its place, and what ran before goes on.
 *
 * Modules of the application's package are loaded afresh when they, or what they import, have changed; those of
 * `node_modules` and of other packages never. The command line is the application's: `--config`, `--set`.
 *
 * Resolves when the application has stopped. Rejects with `DROMEDARY_INVALID_STATE` when dev mode runs already. Camel: `camel run --dev`, Quarkus' dev mode.
 */
export async function dev({ application }: DevOptions): Promise<void> {
  if (devHost() !== undefined)
    throw new DromedaryError('DROMEDARY_INVALID_STATE', 'dev mode runs one application in a process')
  const session = new DevSession(pathOf(application))
  setDevHost(session.loader)
  await new Application(session).run()
  session.ended()
}

const pathOf = (application: URL | string): string =>
  asNodeKnows(String(application).startsWith('file:') ? fileURLToPath(application) : resolve(String(application)))

/** Links are followed. One that is not there yet is waited for, in a folder that is. */
function asNodeKnows(path: string): string {
  if (existsSync(path)) return realpathSync(path)
  const folder = dirname(path)
  return folder === path ? path : join(asNodeKnows(folder), basename(path))
}
