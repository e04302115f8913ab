import { DromedaryError } from '../src/errors.ts'

/** The DromedaryError that the call throws; anything else fails the test. */
export function thrownBy(call: () => unknown): DromedaryError {
  let result: unknown
  try {
    result = call()
  } catch (error) {
    if (error instanceof DromedaryError) return error
    throw error
  }
  throw new Error(`nothing was thrown; it returned ${String(result)}`)
}
