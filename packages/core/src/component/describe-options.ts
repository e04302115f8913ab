import { z } from 'zod'
import { formatDuration } from '../uri/duration.ts'
import type { OptionMeta } from './contract.ts'
import { kindOf, layers } from './options.ts'

/** The options of a schema as the docs print them, in the order of their declaration. */
export function describeOptions(schema: z.ZodObject): OptionMeta[] {
  return Object.entries(schema.shape).map(([name, option]) => describe(name, option))
}

function describe(name: string, option: z.core.$ZodType): OptionMeta {
  const all = [...layers(option)]
  const isDuration = kindOf(option)?.type === 'duration'
  const kinds = all.map(layer => layer._zod.def.type)
  const fallback = all.map(defaultOf).find(value => value !== undefined)
  const written = fallback === undefined ? undefined : write(fallback, isDuration)
  return {
    name,
    kind: 'query',
    type: kindOf(option)?.type ?? typeOf(all.at(-1) ?? option),
    required: !kinds.some(kind => kind === 'optional' || kind === 'default' || kind === 'prefault'),
    ...(written === undefined ? {} : { default: written }),
    description: all.map(layer => z.globalRegistry.get(layer)?.description).find(text => text !== undefined) ?? '',
  }
}

function defaultOf(layer: z.core.$ZodType): unknown {
  return (layer._zod.def as { readonly defaultValue?: unknown }).defaultValue
}

function write(value: unknown, isDuration: boolean): string | undefined {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.join(',')
  if (typeof value === 'object') return undefined
  return isDuration && typeof value === 'number' ? formatDuration(value) : String(value)
}

/** For options that are plain zod schemas. */
function typeOf(schema: z.core.$ZodType): string {
  const { def } = schema._zod
  return def.type === 'enum' ? Object.values((def as z.core.$ZodEnumDef).entries).join('/') : def.type
}
