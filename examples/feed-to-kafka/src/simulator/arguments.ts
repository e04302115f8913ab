import { parseArgs } from 'node:util'
import type { DropHow, SimulatorOptions } from './options.ts'

const HOWS: readonly string[] = ['end', 'reset', 'cut'] satisfies DropHow[]

export const USAGE = `node src/simulator/main.ts
  --host=127.0.0.1       --tcp-port=0           --ws-port=0
  --rate=max             messages a second, or as fast as they are taken
  --total=               how many messages there are
  --seed=1               another seed, other messages
  --no-replay            take no notice of what clients want to go on after
  --drop-every=0         end each connection after so many messages
  --drop-how=end         end, reset, or cut: in the middle of a message
  --malformed-every=0    so many messages apart one is no valid message`

/** What the command line says. Throws, with one line, for what it should not say. */
export function readArguments(args: readonly string[]): SimulatorOptions {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    args: [...args],
    options: {
      host: text,
      'tcp-port': text,
      'ws-port': text,
      rate: text,
      total: text,
      seed: text,
      'no-replay': { type: 'boolean' },
      'drop-every': text,
      'drop-how': text,
      'malformed-every': text,
    },
  })
  const how = values['drop-how']
  if (how !== undefined && !HOWS.includes(how)) throw new Error(`--drop-how must be one of ${HOWS.join(', ')}`)
  const numbers = {
    tcpPort: whole('tcp-port', values['tcp-port'], 65_535),
    wsPort: whole('ws-port', values['ws-port'], 65_535),
    rate: values.rate === 'max' ? undefined : whole('rate', values.rate),
    total: whole('total', values.total),
    seed: whole('seed', values.seed),
    dropEvery: whole('drop-every', values['drop-every']),
    malformedEvery: whole('malformed-every', values['malformed-every']),
  }
  return {
    ...Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== undefined)),
    ...(values.host !== undefined && { host: values.host }),
    ...(how !== undefined && { dropHow: how as DropHow }),
    replay: values['no-replay'] !== true,
  }
}

function whole(name: string, text: string | undefined, most = Number.MAX_SAFE_INTEGER): number | undefined {
  if (text === undefined) return undefined
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (!(value <= most)) throw new Error(`--${name} must be a whole number${most < 1e6 ? ` of at most ${most}` : ''}`)
  return value
}
