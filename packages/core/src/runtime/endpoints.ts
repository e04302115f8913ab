import type { Component, ContextView, Endpoint, SharedResources } from '../component/contract.ts'
import { DromedaryError } from '../errors.ts'
import { type ParsedUri, parseUri } from '../uri/parse.ts'
import { didYouMean } from '../uri/suggest.ts'

/** The endpoints of a context: one per normalised URI. */
export class Endpoints {
  readonly #components = new Map<string, Component>()
  readonly #endpoints = new Map<string, Endpoint>()
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
    for (const component of components) this.#components.set(component.scheme, component)
    this.#context = context
    this.#shared = shared
    this.#placeholders = placeholders
  }

  /** Throws `DROMEDARY_INVALID_URI`, `DROMEDARY_UNKNOWN_SCHEME` and what the component throws. */
  get(uri: string): Endpoint {
    return this.#of(parseUri(this.#placeholders(uri)))
  }

  /** For a URI that comes from a message: placeholders in it are refused, not resolved. */
  getDynamic(uri: string): Endpoint {
    if (!uri.includes('{{')) return this.#of(parseUri(uri))
    throw new DromedaryError('DROMEDARY_INVALID_URI', 'a dynamic URI must not contain {{placeholders}}')
  }

  /** The endpoint of a URI from a message, if there is one already. Undefined for a URI that is none. */
  known(uri: string): Endpoint | undefined {
    try {
      return this.#endpoints.get(parseUri(uri).normal)
    } catch {
      return undefined
    }
  }

  forget(endpoint: Endpoint): void {
    for (const [normal, known] of this.#endpoints) if (known === endpoint) this.#endpoints.delete(normal)
  }

  /** The schemes that there are. */
  get schemes(): string[] {
    return [...this.#components.keys()].sort()
  }

  #of(uri: ParsedUri): Endpoint {
    const known = this.#endpoints.get(uri.normal)
    if (known) return known
    const component = this.#components.get(uri.scheme)
    if (component === undefined) {
      const suggestion = didYouMean(uri.scheme, this.schemes)
      const advice = suggestion || `; there are ${this.schemes.join(', ')}: pass the component to the context`
      throw new DromedaryError('DROMEDARY_UNKNOWN_SCHEME', `no component for ${uri.scheme}: in ${uri.masked}${advice}`)
    }
    const endpoint = component.endpoint({
      uri,
      context: this.#context,
      shared: this.#shared,
      resolve: other => this.get(other),
      once: <T>(key: string, make: () => T): T => {
        const name = `${uri.scheme} ${key}`
        if (!this.#once.has(name)) this.#once.set(name, make())
        return this.#once.get(name) as T
      },
    })
    this.#endpoints.set(uri.normal, endpoint)
    return endpoint
  }
}
