import type { Component, ContextView, Endpoint, SharedResources } from '../component/contract.ts'
import { DromedaryError } from '../errors.ts'
import { refuseOtherCore } from '../one-core.ts'
import { type ParsedUri, parseUri } from '../uri/parse.ts'
import { didYouMean } from '../uri/suggest.ts'

interface Kept {
  readonly normal: string
  readonly endpoint: Endpoint
  /** What it is made of: a delegate. */
  readonly needs: Endpoint[]
  /** Infinite once somebody asked for it who never lets go. */
  users: number
}

/** The endpoints of a context: one per normalised URI, for as long as somebody uses it. */
export class Endpoints {
  readonly #components = new Map<string, Component>()
  readonly #byUri = new Map<string, Kept>()
  readonly #kept = new Map<Endpoint, Kept>()
  readonly #once = new Map<string, unknown>()
  readonly #context: ContextView
  readonly #shared: SharedResources
  readonly #placeholders: (uri: string) => string

  constructor(
    components: Iterable<Component>,
    context: ContextView,
    shared: SharedResources,
    placeholders: (uri: string) => string,
  ) {
    for (const component of components) {
      refuseOtherCore(`the component ${component.scheme}`, component)
      this.#components.set(component.scheme, component)
    }
    this.#context = context
    this.#shared = shared
    this.#placeholders = placeholders
  }

  /** For good. Throws `DROMEDARY_INVALID_URI`, `DROMEDARY_UNKNOWN_SCHEME` and what the component throws. */
  get(uri: string): Endpoint {
    const kept = this.#of(parseUri(this.#placeholders(uri)))
    kept.users = Number.POSITIVE_INFINITY
    return kept.endpoint
  }

  /** Until {@link letGo}, called once for each call. Throws as {@link get}. */
  take(uri: string): Endpoint {
    return this.#take(parseUri(this.#placeholders(uri)))
  }

  /** {@link take} for a URI that comes from a message: placeholders in it are refused, not resolved. */
  takeDynamic(uri: string): Endpoint {
    if (uri.includes('{{')) {
      throw new DromedaryError('DROMEDARY_INVALID_URI', 'a dynamic URI must not contain {{placeholders}}')
    }
    return this.#take(parseUri(uri))
  }

  /** The last one to let go of an endpoint makes that it is forgotten, and what it is made of. */
  letGo(endpoint: Endpoint): void {
    const kept = this.#kept.get(endpoint)
    if (kept === undefined || --kept.users > 0) return
    this.#kept.delete(endpoint)
    this.#byUri.delete(kept.normal)
    for (const needed of kept.needs) this.letGo(needed)
  }

  /** The endpoint and what it is made of. */
  withNeeds(endpoint: Endpoint): Set<Endpoint> {
    const all = new Set([endpoint])
    for (const one of all) for (const needed of this.#kept.get(one)?.needs ?? []) all.add(needed)
    return all
  }

  /** The schemes that there are. */
  get schemes(): string[] {
    return [...this.#components.keys()].sort()
  }

  /** How many there are. */
  get size(): number {
    return this.#byUri.size
  }

  #take(uri: ParsedUri): Endpoint {
    const kept = this.#of(uri)
    kept.users++
    return kept.endpoint
  }

  #of(uri: ParsedUri): Kept {
    const known = this.#byUri.get(uri.normal)
    if (known) return known
    const component = this.#components.get(uri.scheme)
    if (component === undefined) {
      const suggestion = didYouMean(uri.scheme, this.schemes)
      const advice = suggestion || `; there are ${this.schemes.join(', ')}: pass the component to the context`
      throw new DromedaryError('DROMEDARY_UNKNOWN_SCHEME', `no component for ${uri.scheme}: in ${uri.masked}${advice}`)
    }
    const needs: Endpoint[] = []
    try {
      const endpoint = component.endpoint({
        uri,
        context: this.#context,
        shared: this.#shared,
        resolve: other => {
          const needed = this.take(other)
          needs.push(needed)
          return needed
        },
        once: <T>(key: string, make: () => T): T => {
          const name = `${uri.scheme} ${key}`
          if (!this.#once.has(name)) this.#once.set(name, make())
          return this.#once.get(name) as T
        },
      })
      const kept: Kept = { normal: uri.normal, endpoint, needs, users: 0 }
      this.#byUri.set(uri.normal, kept)
      this.#kept.set(endpoint, kept)
      return kept
    } catch (error) {
      for (const needed of needs) this.letGo(needed)
      throw error
    }
  }
}
