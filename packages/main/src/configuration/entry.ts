import { DromedaryError } from '@dromedary/core'

/** One key with its value as it was written, and where. */
export interface Entry {
  /** As written. */
  readonly key: string
  readonly value: string
  /** For people: `/srv/app/application.yaml:3`, `--set`, `environment variable NODE_ID`. */
  readonly where: string
}

/** A `DROMEDARY_CONFIG` error: one line, what was wrong and where. */
export function configError(problem: string, where: string | undefined, cause?: unknown): DromedaryError {
  const message = where === undefined ? problem : `${problem} (${where})`
  return new DromedaryError('DROMEDARY_CONFIG', message, cause === undefined ? {} : { cause })
}
