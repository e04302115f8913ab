import { parseArguments } from './arguments.ts'
import { Configuration } from './configuration.ts'
import { readConfigurationFile } from './file.ts'
import { findPlace, type Place } from './folders.ts'

/** Where an application's configuration comes from. */
export interface LoadOptions {
  /** `import.meta.url` of the entry module. */
  readonly module: string | URL
  /** The command line, without node and script. */
  readonly argv: readonly string[]
  readonly environment: Readonly<Record<string, string | undefined>>
}

export interface Loaded extends Place {
  readonly configuration: Configuration
}

/** Reads every source; checks nothing yet. */
export async function loadConfiguration({ module, argv, environment }: LoadOptions): Promise<Loaded> {
  const { configFile, settings } = parseArguments(argv)
  const place = findPlace(module, configFile)
  const file = place.configFile === undefined ? [] : await readConfigurationFile(place.configFile)
  return { ...place, configuration: new Configuration({ file, environment, settings }) }
}
