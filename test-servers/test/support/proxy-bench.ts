import { type Agent, request as httpsRequest } from 'node:https'
import type { ApiClient, ApiProxy, KubernetesObject, Watch } from '@dromedary/test-servers/kubernetes'
import { expect, vi } from 'vitest'

/** A server with a proxy before it. */
export interface ProxyFixture {
  readonly proxy: ApiProxy
  /** Through the proxy. */
  readonly client: ApiClient
  /** Past it. */
  readonly direct: ApiClient
  /** The path of a collection. */
  readonly things: string
  /** An object to make there. */
  readonly thing: KubernetesObject
  dispose(): Promise<void>
}

/** One object behind a proxy, and what a case does with it. */
export class ProxyBench {
  readonly fixture: ProxyFixture
  readonly path: string
  #changes = 0

  constructor(fixture: ProxyFixture) {
    this.fixture = fixture
    this.path = `${fixture.things}/${fixture.thing.metadata.name}`
  }

  async version(client: ApiClient): Promise<string | undefined> {
    return (await client.request('GET', this.path)).metadata.resourceVersion
  }

  /** Changes the object; gives back its new version. */
  async change(client: ApiClient): Promise<string | undefined> {
    const changed = await client.request('PUT', this.path, await this.changed())
    return changed.metadata.resourceVersion
  }

  /** The object as it is, but for an annotation. */
  async changed(): Promise<KubernetesObject> {
    this.#changes += 1
    const { metadata, ...rest } = await this.fixture.direct.request('GET', this.path)
    return { ...rest, metadata: { ...metadata, annotations: { change: String(this.#changes) } } }
  }

  /** Waits until a watch has told of a version. */
  async saw(watch: Watch, version: string | undefined): Promise<void> {
    await vi.waitFor(() => expect(versionsIn(watch)).toContain(version), { timeout: 5_000, interval: 5 })
  }

  /**
   * Sees that a promise does not settle for as long as it takes others, past the proxy, to do several times what would
   * settle it.
   */
  async pending(promise: Promise<unknown>): Promise<void> {
    const settled = vi.fn()
    promise.then(settled, settled)
    using watch = await this.fixture.direct.watch(this.fixture.things)
    for (let i = 0; i < 10; i++) await this.saw(watch, await this.change(this.fixture.direct))
    expect(settled).not.toHaveBeenCalled()
  }

  /** A request through the proxy that can be given up, or that leaves its connection open for the next. */
  raw(method: string, agent: Agent | false) {
    const { url, ca, token } = this.fixture.client.connection
    return httpsRequest(new URL(this.path, url), {
      method,
      agent,
      ...(ca === undefined ? {} : { ca }),
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    })
  }
}

/** What versions of its objects a watch has told of. */
export const versionsIn = (watch: Watch) => watch.events.map(({ object }) => object.metadata.resourceVersion)
