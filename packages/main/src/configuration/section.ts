import type { z } from 'zod'

/**
 * A group of known keys: one zod object, whose fields are the keys under the prefix. The schema is the one place
 * that knows their types, defaults, ranges and sentences (`.describe()`).
 */
export interface Section<Schema extends z.ZodObject = z.ZodObject> {
  /** `node`, `cluster.file` */
  readonly prefix: string
  readonly schema: Schema
}

/** One key that somebody understands. */
export interface KnownKey {
  /** In the form that the docs print: `cluster.file.acquire-lock-delay`. */
  readonly key: string
  /** The environment variable that overrides it: `CLUSTER_FILE_ACQUIRE_LOCK_DELAY`. */
  readonly variable: string
  /** Its field in the section's schema: `acquireLockDelay`. */
  readonly field: string
}

/** The keys of a section, in the order of its schema. */
export function keysOf(section: Section): KnownKey[] {
  return Object.keys(section.schema.shape).map(field => {
    const key = `${section.prefix}.${kebab(field)}`
    return { key, field, variable: key.replaceAll(/[.-]/g, '_').toUpperCase() }
  })
}

/**
 * The form in which keys are compared: `acquireLockDelay` and `acquire-lock-delay` are one name, and Camel's
 * `camel.cluster.…` and `quarkus.camel.cluster.…` are `cluster.…`.
 */
export function canonical(key: string): string {
  return kebab(key.replace(/^(quarkus\.)?camel\.(?=cluster\.)/, ''))
}

function kebab(name: string): string {
  return name.replaceAll(/(?<=[a-z0-9])[A-Z]/g, letter => `-${letter.toLowerCase()}`)
}
