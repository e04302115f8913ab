import type { Component, ContextView, Endpoint, SharedResources } from '../component/contract.ts'
import { DromedaryError } from '../errors.ts'
import { refuseOtherCore } from '../one-core.ts'
import { type ParsedUri, parseUri } from '../uri/parse.ts'
import { didYouMean } from '../uri/suggest.ts'

/** The endpoints of a context: one per normalised URI. */
export class Endpoints {
  readonly #components = new Map<string, Component>()
  readonly #endpoints = new Map<string, Endpoint>()
  /** Endpoints that only messages have asked for, with their normal form: these alone can be forgotten. */
  readonly #dynamic = new Map<Endpoint, string>()
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

  /** Throws `DROMEDARY_INVALID_URI`, `DROMEDARY_UNKNOWN_SCHEME` and what the component throws. */
  get(uri: string): Endpoint {
    const endpoint = this.#of(parseUri(this.#placeholders(uri)))
    this.#dynamic.delete(endpoint)
    return endpoint
  }

  /** For a URI that comes from a message: placeholders in it are refused, not resolved. */
  getDynamic(uri: string): Endpoint {
    if (uri.includes('{{')) {
      throw new DromedaryError('DROMEDARY_INVALID_URI', 'a dynamic URI must not contain {{placeholders}}')
    }
    const parsed = parseUri(uri)
    const known = this.#endpoints.get(parsed.normal)
    if (known) return known
    const endpoint = this.#of(parsed)
    this.#dynamic.set(endpoint, parsed.normal)
    return endpoint
  }

  /** Forgets an endpoint of {@link getDynamic}, unless somebody has asked for it by {@link get}. */
  forget(endpoint: Endpoint): void {
    const normal = this.#dynamic.get(endpoint)
    if (normal === undefined) return
    this.#dynamic.delete(endpoint)
    this.#endpoints.delete(normal)
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
