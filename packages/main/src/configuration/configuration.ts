import { didYouMean, type PropertySource, resolvePlaceholders } from '@dromedary/core'
import type { z } from 'zod'
import { configError, type Entry } from './entry.ts'
import { explain } from './explain.ts'
import { canonical, type KnownKey, keysOf, type Section } from './section.ts'

/** What there is to read, before anybody has asked for a key. */
export interface Sources {
  readonly file: readonly Entry[]
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly settings: readonly Entry[]
}

/**
 * The configuration of one application: file, then the environment variables of known keys, then `--set`; the later
 * one wins. Sections are read one after the other, because the value of `cluster.service` decides which backend's
 * section is the next. Whatever no section knows is the user's own, for placeholders.
 */
export class Configuration implements PropertySource {
  readonly #sources: Sources
  readonly #known: KnownKey[] = []
  readonly #values = new Map<string, string>()

  constructor(sources: Sources) {
    this.#sources = sources
    for (const { key, value } of [...sources.file, ...sources.settings]) this.#values.set(key, value)
  }

  /** What `{{key}}` stands for; the defaults of the sections read so far included. */
  property(key: string): string | undefined {
    return this.#values.get(key) ?? this.#values.get(canonical(key))
  }

  keys(): Iterable<string> {
    return this.#values.keys()
  }

  /** What the file says, in its order. */
  get file(): readonly Entry[] {
    return this.#sources.file
  }

  /** The options of a section, checked by its schema. A wrong one is `DROMEDARY_CONFIG` with key, value and place. */
  read<Schema extends z.ZodObject>(section: Section<Schema>): z.output<Schema> {
    const keys = keysOf(section)
    this.#known.push(...keys)
    const written = new Map<string, Entry>()
    for (const key of keys) {
      const entry = this.#find(key)
      if (entry === undefined) continue
      const resolved = this.#resolved(entry)
      if (resolved.value.trim() === '')
        throw configError(`${key.key} is empty; leave it out for its default`, entry.where)
      written.set(key.field, resolved)
    }
    const input = Object.fromEntries([...written].map(([field, { value }]) => [field, value]))
    const parsed = section.schema.safeParse(input)
    if (!parsed.success) throw explain(parsed.error, section, written)
    for (const { key, field } of keys) {
      const value = written.get(field)?.value ?? (parsed.data as Record<string, unknown>)[field]
      if (value !== undefined) this.#values.set(key, String(value))
    }
    return parsed.data
  }

  /** The entries whose key begins so, with what comes behind; those of a later source last. */
  beneath(prefix: string): { readonly rest: string; readonly entry: Entry }[] {
    const { file, settings } = this.#sources
    return [...file, ...settings]
      .filter(({ key }) => key.startsWith(prefix))
      .map(entry => ({ rest: entry.key.slice(prefix.length), entry }))
  }

  /**
   * Refuses keys under the prefixes that no section read so far knows, with the near one. Environment variables are
   * never refused: others put theirs there, as Kubernetes does with `CLUSTER_SERVICE_HOST`.
   */
  refuseUnknown(prefixes: readonly string[], except: readonly string[]): void {
    const names = this.#known.map(({ key }) => key)
    for (const { key, where } of [...this.#sources.file, ...this.#sources.settings]) {
      const name = canonical(key)
      const owner = prefixes.find(prefix => name === prefix || name.startsWith(`${prefix}.`))
      if (owner === undefined || names.includes(name) || except.some(prefix => key.startsWith(prefix))) continue
      const single = names.find(known => name.startsWith(`${known}[`))
      if (single !== undefined) throw configError(`${single} takes one value, not a list`, where)
      const there = names.filter(known => known.startsWith(`${owner}.`))
      throw configError(`Unknown key ${key}${didYouMean(name, names) || `; there are ${there.join(', ')}`}`, where)
    }
  }

  #resolved(entry: Entry): Entry {
    return { ...entry, value: resolvePlaceholders(entry.value, this, `${entry.key} (${entry.where})`) }
  }

  #find(known: KnownKey): Entry | undefined {
    const variable = this.#sources.environment[known.variable]
    // An empty variable is how shells and manifests say "not set".
    this.#refuseTwice(known)
    const fromEnvironment = variable
      ? { key: known.key, value: variable, where: `environment variable ${known.variable}` }
      : undefined
    return this.#last(this.#sources.settings, known) ?? fromEnvironment ?? this.#last(this.#sources.file, known)
  }

  /** A later --set may overrule an earlier one; a file says each thing once, whatever the form of the key. */
  #refuseTwice(known: KnownKey): void {
    const [first, second] = this.#sources.file.filter(({ key }) => canonical(key) === known.key)
    if (first !== undefined && second !== undefined) {
      throw configError(`${first.key} is written twice, also as ${second.key}`, second.where)
    }
  }

  #last(entries: readonly Entry[], known: KnownKey): Entry | undefined {
    return entries.findLast(({ key }) => canonical(key) === known.key)
  }
}
