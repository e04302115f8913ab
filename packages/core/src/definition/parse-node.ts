import type { z } from 'zod'
import { DromedaryError } from '../errors.ts'

/** Options of a verb, checked by their schema. Throws `DROMEDARY_INVALID_OPTION` with all that is wrong. */
export function parseNode<S extends z.ZodType>(what: string, schema: S, options: unknown): z.output<S> {
  const result = schema.safeParse(options)
  if (result.success) return result.data
  const problems = result.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`.replace(/^: /, ''))
  throw new DromedaryError('DROMEDARY_INVALID_OPTION', `${what}: ${problems.join('; ')}`)
}

/** Schemas are built when they are first needed: a program that only imports core does not pay for them. */
export function lazily<T>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}

/** Without the keys that are undefined: nodes are exact. */
export const exact = <T extends object>(node: T): T =>
  Object.fromEntries(Object.entries(node).filter(([, value]) => value !== undefined)) as T
