import { configError, type Entry } from './entry.ts'

/** What the command line said. */
export interface Arguments {
  /** `--config path`: relative to the working directory, as paths on a command line are. */
  readonly configFile: string | undefined
  /** `--set key=value`, in order; a later one wins. */
  readonly settings: readonly Entry[]
}

/** Reads `--config path` and `--set key=value`, each also with `=` behind the name. Anything else is `DROMEDARY_CONFIG`. */
export function parseArguments(argv: readonly string[]): Arguments {
  const settings: Entry[] = []
  let configFile: string | undefined
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i] as string
    const [name, attached] = split(argument)
    if (name !== '--set' && name !== '--config') {
      throw configError(
        `Unknown argument ${JSON.stringify(argument)}; there are --config <file> and --set <key>=<value>`,
        undefined,
      )
    }
    const value = attached ?? argv[++i]
    if (value === undefined || value === '') throw configError(`${name} needs a value behind it`, undefined)
    if (name === '--config') configFile = value
    else settings.push(parseSetting(value))
  }
  return { configFile, settings }
}

function parseSetting(text: string): Entry {
  const [key, value] = split(text)
  if (key.trim() === '' || value === undefined) {
    throw configError(`--set takes key=value, not ${JSON.stringify(key)}`, undefined)
  }
  return { key: key.trim(), value, where: '--set' }
}

function split(text: string): [string, string | undefined] {
  const at = text.indexOf('=')
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}
