import { DromedaryError } from '@dromedary/core/component'

/** Bytes that are no frame, or a message that fits none. `problem` quotes nothing of the data. */
export function invalidFrame(problem: string): DromedaryError {
  return new DromedaryError('DROMEDARY_INVALID_FRAME', problem)
}
