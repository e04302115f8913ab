import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { ApiClient, type KubernetesObject, type ProxyTarget } from '@dromedary/test-servers/kubernetes'
import { selfSigned } from '../../src/certificate.ts'

const OBJECT = /^\/apis\/example\.test\/v1\/namespaces\/test\/things(?:\/(?<name>[^/?]+))?/

/** Where the objects of a {@link SmallApi} are. */
export const THINGS = '/apis/example.test/v1/namespaces/test/things'

/** As much of an API server as the proxy's cases need: objects that are made, changed, read and watched. */
export class SmallApi implements AsyncDisposable {
  readonly #objects = new Map<string, KubernetesObject>()
  readonly #watchers = new Set<ServerResponse>()
  readonly #certificate = selfSigned()
  readonly #server = createServer(this.#certificate, (request, response) => {
    void this.#answer(request, response)
  })
  #version = 0

  async start(): Promise<void> {
    await new Promise<void>(resolve => this.#server.listen(0, '127.0.0.1', resolve))
  }

  get target(): ProxyTarget {
    const { port } = this.#server.address() as AddressInfo
    const { cert, key } = this.#certificate
    return { url: `https://127.0.0.1:${port}`, ca: cert, cert, key }
  }

  client(url = this.target.url): ApiClient {
    return new ApiClient({ url, ca: this.#certificate.cert, token: 'test' })
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = '' } = request
    const name = OBJECT.exec(url)?.groups?.['name']
    if (url.endsWith('watch=true')) return this.#watch(response)
    if (method === 'POST' || method === 'PUT') return this.#put((await json(request)) as KubernetesObject, response)
    const found = this.#objects.get(name ?? '')
    send(response, found ? 200 : 404, found ?? { kind: 'Status', reason: 'NotFound', message: 'there is none' })
  }

  #watch(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    this.#watchers.add(response)
    response.once('close', () => this.#watchers.delete(response))
  }

  #put(object: KubernetesObject, response: ServerResponse): void {
    this.#version += 1
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } }
    const { name = '' } = stored.metadata
    const type = this.#objects.has(name) ? 'MODIFIED' : 'ADDED'
    this.#objects.set(name, stored)
    for (const watcher of this.#watchers) watcher.write(`${JSON.stringify({ type, object: stored })}\n`)
    send(response, 200, stored)
  }

  /** How many watches it has, whether their clients listen or not. */
  get watches(): number {
    return this.#watchers.size
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise(resolve => this.#server.close(resolve))
  }
}

function send(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}
