import type { DataFormat } from '../data-format/data-format.ts'
import { dataFormats } from '../data-format/table.ts'
import type { DataFormatDefinition } from '../definition/data-steps.ts'
import { DromedaryError } from '../errors.ts'
import { didYouMean } from '../uri/suggest.ts'
import type { StepCompiler } from './eip.ts'
import { hasMethods, resolveRef } from './resolve-ref.ts'

/** The data format of a step: one of core by its name, else a bean of that name. Throws `DROMEDARY_UNKNOWN_BEAN`. */
export function dataFormatOf(definition: DataFormatDefinition, at: StepCompiler): DataFormat {
  const isFormat = hasMethods('marshal', 'unmarshal')
  if ('ref' in definition) return resolveRef(definition, at, 'a data format', isFormat)
  const name = at.text(definition.name)
  const make = Object.hasOwn(dataFormats, name) ? dataFormats[name] : undefined
  if (make !== undefined) return make(definition.options)
  if (at.lookup(name) !== undefined) return resolveRef<DataFormat>({ ref: name }, at, 'a data format', isFormat)
  const known = Object.keys(dataFormats)
  throw new DromedaryError(
    'DROMEDARY_UNKNOWN_BEAN',
    `${at.stepId} in route ${at.routeId} names the data format ${name}${didYouMean(name, known)}; there are ${known.join(', ')}, and beans`,
  )
}
