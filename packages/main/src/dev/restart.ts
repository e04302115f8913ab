import type { PropertySource } from '@dromedary/core'
import type { Configuration } from '../configuration/configuration.ts'
import type { Entry } from '../configuration/entry.ts'
import { canonical } from '../configuration/section.ts'

/** Sections that an application reads once, when it is put together. */
const READ_ONCE = ['node.', 'cluster.', 'shutdown.', 'observe.']
/** Keys in them that nothing but placeholders reads. */
const FOR_PLACEHOLDERS = ['node.namespace']

/** Whether another value of this key, in its canonical form, takes effect at the next start only. */
export function restartsFor(key: string): boolean {
  return READ_ONCE.some(prefix => key.startsWith(prefix)) && !FOR_PLACEHOLDERS.includes(key)
}

/** A key that has another value now. `entry` is what the file says of it; undefined where the file no longer names it. */
export interface ChangedKey {
  readonly key: string
  readonly entry: Entry | undefined
}

/** The keys that one of two files names and whose values differ; what the command line or the environment overrules does not. */
export function changedKeys(before: Configuration, after: Configuration): ChangedKey[] {
  const named = new Map<string, Entry | undefined>()
  for (const { key } of before.file) named.set(canonical(key), undefined)
  for (const entry of after.file) named.set(canonical(entry.key), entry)
  return [...named]
    .filter(([key, entry]) => valueIn(before, key, entry) !== valueIn(after, key, entry))
    .map(([key, entry]) => ({ key, entry }))
}

/** A known key by its canonical name; one of the application's own is known as it was written only. */
const valueIn = (source: PropertySource, key: string, entry: Entry | undefined): string | undefined =>
  source.property(key) ?? (entry && source.property(entry.key))
