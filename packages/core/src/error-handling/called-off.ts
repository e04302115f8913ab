import { isDromedaryError } from '../errors.ts'
import { causes } from './causes.ts'

/**
 * Codes that say nothing against the message: its work was called off, and is done again by its source or another
 * member. Such a failure is never redelivered or dead-lettered, no clause catches it that does not name the code, and the
 * exchange ends as failed with it. Whoever called off says so once; each exchange is logged at debug only.
 */
export const CALLED_OFF: ReadonlySet<string> = new Set([
  'DROMEDARY_NOT_LEADER',
  'DROMEDARY_NOT_ACCEPTING',
  'DROMEDARY_INTERRUPTED',
])

/** Whether a failure, or one of its causes, is of that kind: `DROMEDARY_NOT_LEADER`, `DROMEDARY_NOT_ACCEPTING`, `DROMEDARY_INTERRUPTED`. */
export const isCalledOff = (error: unknown): boolean =>
  causes(error).some(cause => isDromedaryError(cause) && CALLED_OFF.has(cause.code))
