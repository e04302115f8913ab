import type { Configuration } from '../configuration/configuration.ts'
import { configError } from '../configuration/entry.ts'
import { observeSection } from '../configuration/sections.ts'
import type { Observability, Observation, ObservationGiven } from './observability.ts'

/** What `observe.enabled` turns on, with its options. */
export interface ChosenObservation {
  readonly kind: Observability
  readonly options: Parameters<Observability['create']>[0]
}

/** Reads `observe.enabled`, and only then loads and reads more. Makes nothing. */
export async function readObservation(
  configuration: Configuration,
  load: (() => Promise<Observability>) | undefined,
): Promise<ChosenObservation | undefined> {
  const { enabled } = configuration.read(observeSection)
  if (!enabled) return undefined
  if (load === undefined) {
    throw configError(
      'observe.enabled=true, but this application was given nothing to observe it with: pass observability to runApplication',
      undefined,
    )
  }
  const kind = await load()
  const options = configuration.read({ prefix: observeSection.prefix, schema: kind.schema })
  configuration.refuseUnknown([observeSection.prefix], [])
  return { kind, options }
}

/** The same, and what observes. Opens nothing. */
export async function chooseObservation(
  configuration: Configuration,
  load: (() => Promise<Observability>) | undefined,
  given: ObservationGiven,
): Promise<Observation | undefined> {
  const chosen = await readObservation(configuration, load)
  return chosen?.kind.create(chosen.options, given)
}
