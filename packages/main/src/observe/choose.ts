import type { Configuration } from '../configuration/configuration.ts'
import { configError } from '../configuration/entry.ts'
import { observeSection } from '../configuration/sections.ts'
import type { Observability, Observation, ObservationGiven } from './observability.ts'

/** Reads `observe.enabled`, and only then loads and reads more. Opens nothing. */
export async function chooseObservation(
  configuration: Configuration,
  load: (() => Promise<Observability>) | undefined,
  given: ObservationGiven,
): Promise<Observation | undefined> {
  const { enabled } = configuration.read(observeSection)
  if (!enabled) return undefined
  if (load === undefined) {
    throw configError(
      'observe.enabled=true, but this application was given nothing to observe it with: pass observability to runApplication',
      undefined,
    )
  }
  const { schema, create } = await load()
  const options = configuration.read({ prefix: observeSection.prefix, schema })
  configuration.refuseUnknown([observeSection.prefix], [])
  return create(options, given)
}
