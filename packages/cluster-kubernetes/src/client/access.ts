import http from 'node:http'
import https from 'node:https'
import type { KubeConfig } from '@kubernetes/client-node'

/** How to reach the server, for one request. */
export interface Door {
  readonly url: URL
  readonly options: https.RequestOptions
}

/**
 * Where the server is and who we are, by the library's configuration: kubeconfig files, service accounts, client
 * certificates, tokens of plugins. Connections are kept and shared, which the library does not do.
 */
export class Access {
  #config: KubeConfig
  readonly #reload: () => KubeConfig
  /** Connections of before a change of certificates: they end with what is under way on them. */
  readonly #old = new Set<http.Agent>()
  #asking: Promise<https.RequestOptions> | undefined
  #doubtful = false
  /** One for requests and one for watches. */
  readonly #agents = new Map<'request' | 'watch', { readonly key: string; readonly agent: http.Agent }>()

  constructor(config: KubeConfig, reload: () => KubeConfig) {
    this.#config = config
    this.#reload = reload
  }

  /** A token that rotates is read from its file, and certificates too. May reject: a plugin failed, a file is gone. */
  async door(path: string, purpose: 'request' | 'watch'): Promise<Door> {
    const options = { ...(await this.#credentials()) }
    const cluster = this.#config.getCurrentCluster()
    if (!cluster) throw new Error('no cluster is configured')
    const url = new URL(cluster.server.replace(/\/$/, '') + path)
    if (!cluster.proxyUrl) options.agent = this.#agent(purpose, url, options)
    return { url, options }
  }

  /** One question at a time, shared by all who wait: a plugin that hangs must not be started again and again. */
  #credentials(): Promise<https.RequestOptions> {
    if (this.#asking) return this.#asking
    // The library keeps what a plugin said, also where that was of no use.
    if (this.#doubtful) this.renew()
    const options: https.RequestOptions = { headers: {} }
    this.#asking = this.#config.applyToHTTPSOptions(options).then(
      () => {
        const headers = trimmed(options.headers)
        // Of a file that is just being written: the library would keep it for a minute, and the server takes us for nobody.
        if (
          this.#config.getCurrentUser()?.authProvider?.config?.tokenFile &&
          !/\S \S/.test(headers['Authorization'] ?? '')
        ) {
          this.#doubtful = true
          throw new Error('the token file is empty')
        }
        return { ...options, headers }
      },
      error => {
        this.#doubtful = true
        throw error
      },
    )
    this.#asking
      .finally(() => {
        this.#asking = undefined
      })
      .catch(() => {})
    return this.#asking
  }

  /** The server does not know us any more: everything is read again, also what is cached. A file that is just being written waits. */
  renew(): void {
    try {
      this.#config = this.#reload()
      this.#doubtful = false
    } catch {
      this.#doubtful = true
    }
    this.dropIdle()
  }

  /** Idle connections are not used again: the server did not answer on another one. */
  dropIdle(): void {
    const agent = this.#agents.get('request')?.agent
    if (agent) endIdle(agent)
  }

  close(): void {
    for (const { agent } of this.#agents.values()) agent.destroy()
    for (const agent of this.#old) agent.destroy()
    this.#agents.clear()
    this.#old.clear()
  }

  #agent(purpose: 'request' | 'watch', url: URL, { ca, cert, key, rejectUnauthorized, ...rest }: https.RequestOptions) {
    const { servername } = rest as { servername?: string }
    const tls = { ca, cert, key, rejectUnauthorized, servername }
    for (const [name, value] of Object.entries(tls)) if (value === undefined) delete tls[name as keyof typeof tls]
    const same = JSON.stringify([url.origin, String(ca), String(cert), String(key), rejectUnauthorized, servername])
    const known = this.#agents.get(purpose)
    if (known?.key === same) return known.agent
    // Certificates have rotated: requests under way end on the old one.
    if (known) {
      endIdle(known.agent)
      this.#old.add(known.agent)
    }
    for (const agent of this.#old) if (Object.keys(agent.sockets).length === 0) this.#old.delete(agent)
    const shared = { keepAlive: true, scheduling: 'lifo' } as const
    const agent = url.protocol === 'http:' ? new http.Agent(shared) : new https.Agent({ ...shared, ...tls })
    this.#agents.set(purpose, { key: same, agent })
    return agent
  }
}

/** A token in a file often ends in a line break, which the library keeps. */
function trimmed(headers: https.RequestOptions['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, String(value).trim()]))
}

function endIdle(agent: http.Agent): void {
  for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy()
}
