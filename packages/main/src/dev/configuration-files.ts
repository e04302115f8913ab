import type { ApplicationOptions } from '../assemble.ts'
import { parseArguments } from '../configuration/arguments.ts'
import { candidates, findPlace } from '../configuration/folders.ts'

/** Where the configuration file of an application lies, or may lie one day. */
export function configurationFiles({ module, argv = process.argv.slice(2) }: ApplicationOptions): string[] {
  const { configFile } = parseArguments(argv)
  const given = configFile === undefined ? undefined : findPlace(module, configFile).configFile
  return given === undefined ? candidates(module) : [given]
}
