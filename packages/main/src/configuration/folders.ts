import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { isSea } from 'node:sea'
import { fileURLToPath } from 'node:url'

/** The name of the configuration file that is looked for when none is given. */
export const CONFIGURATION_FILE = 'application.yaml'

/** Where an application's paths begin. Never the working directory, so that all its members meet in one place. */
export interface Place {
  /** Absolute; undefined when there is none. */
  readonly configFile: string | undefined
  /** What relative paths in the configuration are relative to. */
  readonly folder: string
}

/**
 * Finds the configuration file: the one given (relative to the working directory), or `application.yaml` beside the
 * entry module or above it, up to the first folder with a `package.json`: `src/main.ts` and `dist/main.js` of one
 * package share theirs. A native executable looks where it lies itself.
 */
export function findPlace(module: string | URL, configFile: string | undefined): Place {
  if (configFile !== undefined) {
    const file = resolve(configFile)
    return { configFile: file, folder: dirname(file) }
  }
  const file = candidates(module).find(existsSync)
  if (file !== undefined) return { configFile: file, folder: dirname(file) }
  return { configFile: undefined, folder: homeOf(module) }
}

/** Where a configuration file that nobody named may lie; the first that is there counts. */
export function candidates(module: string | URL): string[] {
  return upToPackage(homeOf(module)).map(folder => join(folder, CONFIGURATION_FILE))
}

const homeOf = (module: string | URL): string => dirname(isSea() ? process.execPath : fileURLToPath(module))

/** The folder and those above, up to the first that holds a package.json; the folder alone when none does. */
export function upToPackage(folder: string): string[] {
  const folders = [folder]
  for (let at = folder; ; ) {
    if (existsSync(join(at, 'package.json'))) return folders
    const above = dirname(at)
    if (above === at) return [folder]
    folders.push(above)
    at = above
  }
}
