import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { TLSSocket } from 'node:tls'
import { systemClock } from '@dromedary/core'
import { selfSigned } from '@dromedary/test-servers/certificate'
import { eventually } from '@dromedary/testing'
import { onTestFinished } from 'vitest'
import type { KubernetesApi } from '../../src/api.ts'
import { connectApi } from '../../src/client/connect.ts'

/** A request that came. */
export interface Seen {
  readonly method: string
  readonly url: URL
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** Which connection it came on, from 1. */
  readonly connection: number
  /** Of the client's certificate; undefined without one. */
  readonly certificate: string | undefined
}

export type Answers = (seen: Seen, response: ServerResponse) => void

/** A https server that answers what a test says, and the folder of a kubeconfig for it. */
export class SmallServer {
  readonly cert: string
  readonly key: string
  readonly folder = mkdtempSync(join(tmpdir(), 'dromedary-client-'))
  readonly seen: Seen[] = []
  answers: Answers = (_, response) => json(response, 200, {})
  /** Since the start. */
  connections = 0
  readonly sockets = new Set<Socket>()
  readonly #server: Server
  readonly #numbers = new WeakMap<Socket, number>()

  constructor() {
    const { cert, key } = selfSigned()
    this.cert = cert
    this.key = key
    this.#server = createServer({ cert, key, requestCert: true, rejectUnauthorized: false }, (request, response) => {
      void this.#answer(request, response)
    })
    this.#server.on('secureConnection', socket => {
      this.#numbers.set(socket, ++this.connections)
      this.sockets.add(socket)
      socket.on('close', () => this.sockets.delete(socket))
    })
  }

  /** One that listens, until the test is over. */
  static async start(answers?: Answers): Promise<SmallServer> {
    const server = new SmallServer()
    if (answers) server.answers = answers
    await new Promise<void>(resolve => server.#server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => server.stop())
    return server
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    this.#server.closeAllConnections()
    await new Promise<void>(resolve => this.#server.close(() => resolve()))
    rmSync(this.folder, { recursive: true, force: true })
  }

  get url(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  file(name: string, content: string): string {
    const path = join(this.folder, name)
    writeFileSync(path, content)
    return path
  }

  /** A kubeconfig, which is YAML and so may be JSON. */
  kubeconfig({ user = { token: 'secret' }, cluster = {}, context = {} }: KubeconfigParts = {}): string {
    const trust = { 'certificate-authority-data': Buffer.from(this.cert).toString('base64') }
    return this.file(
      'config',
      JSON.stringify({
        'current-context': 'x',
        clusters: [
          { name: 'c', cluster: { server: this.url, ...(Object.keys(cluster).length === 0 ? trust : cluster) } },
        ],
        contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', ...context } }],
        users: [{ name: 'u', user }],
      }),
    )
  }

  /** The client, over a kubeconfig that is written now. */
  connect({
    connectionTimeout = 5_000,
    ...parts
  }: KubeconfigParts & { connectionTimeout?: number } = {}): KubernetesApi {
    const kubeconfig = this.kubeconfig(parts)
    const api = connectApi({ kubeconfig, connectionTimeout, clock: systemClock })
    onTestFinished(() => api.close())
    return api
  }

  /** Until so many requests have come. */
  arrived(count: number): Promise<boolean> {
    return eventually(() => this.seen.length >= count)
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers, socket } = request
    const { raw } = (socket as TLSSocket).getPeerCertificate() as { raw?: Buffer }
    const connection = this.#numbers.get(socket) ?? 0
    const body = await text(request).catch(() => '')
    const seen = {
      method,
      url: new URL(url, this.url),
      headers,
      body,
      connection,
      certificate: raw?.toString('base64'),
    }
    this.seen.push(seen)
    this.answers(seen, response)
  }
}

interface KubeconfigParts {
  readonly user?: object
  /** Instead of the trust in this server's certificate. */
  readonly cluster?: object
  readonly context?: object
}

export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}

/** As the API server says no. */
export function refuse(response: ServerResponse, code: number, reason: string, message: string): void {
  json(response, code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message })
}

/** A Lease as the server has it. */
export const stored = (name = 'a') => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name, namespace: 'default', uid: 'u-1', resourceVersion: '5' },
  spec: { holderIdentity: 'x', renewTime: '2026-01-01T00:00:00.123456Z' },
})
