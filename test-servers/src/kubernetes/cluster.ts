import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ApiClient, type Headers } from './api-client.ts'
import { apply, type Manifests } from './apply.ts'
import { type AuditEvent, type AuditFilter, type AuditMark, auditEvents, auditMark } from './audit.ts'
import type { ClusterInfo } from './connection.ts'
import { type Grant, grant } from './grant.ts'
import { type KubeconfigOptions, kubeconfigText } from './kubeconfig.ts'
import type { KubernetesObject, PolicyRule } from './objects.ts'
import { type ApiProxy, startProxy } from './proxy/api-proxy.ts'

/** A service account; `user` is its name as RBAC and the audit log have it. */
export interface ServiceAccount {
  readonly namespace: string
  readonly name: string
  readonly user: string
}

/** A token of a service account. */
export interface ServiceAccountToken {
  readonly token: string
  readonly expiresAt: Date
}

/** Names what a run of the tests made, so that a cluster of somebody else's is left as it was. */
const RUN_LABEL = 'dromedary.test/run'

/** A cluster, seen by its administrator: what tests prepare and look at. */
export class KubernetesCluster {
  readonly info: ClusterInfo
  /** As the administrator. */
  readonly client: ApiClient

  constructor(info: ClusterInfo) {
    this.info = info
    this.client = new ApiClient(info.connection)
  }

  get url(): string {
    return this.info.connection.url
  }

  /** Whether the server is our own, so that its audit log and its certificate are at hand. False with `KUBECONFIG`. */
  get owned(): boolean {
    return this.info.own !== undefined
  }

  /** One request as the administrator; see {@link ApiClient.request}. */
  request<T = KubernetesObject>(method: string, path: string, body?: unknown, headers?: Headers): Promise<T> {
    return this.client.request<T>(method, path, body, headers)
  }

  /** The same server as somebody else, and maybe by another way. */
  as(token: string, url: string = this.url): ApiClient {
    const { ca, skipVerify } = this.info.connection
    return new ApiClient({
      url,
      token,
      ...(ca === undefined ? {} : { ca }),
      ...(skipVerify === undefined ? {} : { skipVerify }),
    })
  }

  /** The text of a kubeconfig; the administrator's unless a token is given. */
  kubeconfig(options?: KubeconfigOptions): string {
    return kubeconfigText(this.info.connection, options)
  }

  /** Writes a kubeconfig, readable by its owner alone, and gives back the file's name. */
  kubeconfigFile(file: string, options?: KubeconfigOptions): string {
    writeFileSync(file, this.kubeconfig(options), { mode: 0o600 })
    return file
  }

  /** Makes a namespace; its name begins with `prefix` (default `test`) and is new. */
  async namespace(prefix = 'test'): Promise<string> {
    const metadata = { generateName: `${prefix}-`, labels: { [RUN_LABEL]: this.info.run } }
    const made = await this.request('POST', '/api/v1/namespaces', { metadata })
    return made.metadata.name ?? ''
  }

  /** Deletes all namespaces that this run has made. A server of our own has no controller that would empty them. */
  async removeNamespaces(): Promise<void> {
    const path = `/api/v1/namespaces?labelSelector=${RUN_LABEL}%3D${this.info.run}`
    const { items } = await this.request<{ items: KubernetesObject[] }>('GET', path)
    for (const { metadata } of items) await this.request('DELETE', `/api/v1/namespaces/${metadata.name}`)
  }

  async serviceAccount(namespace: string, name: string): Promise<ServiceAccount> {
    await this.request('POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name } })
    return { namespace, name, user: `system:serviceaccount:${namespace}:${name}` }
  }

  /** A new token, as a kubelet would fetch it. `expirationSeconds` is 600 at least. Default 3600. */
  async token({ namespace, name }: ServiceAccount, expirationSeconds = 3600): Promise<ServiceAccountToken> {
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`
    const { status } = await this.request<{ status: { token: string; expirationTimestamp: string } }>('POST', path, {
      spec: { expirationSeconds },
    })
    return { token: status.token, expiresAt: new Date(status.expirationTimestamp) }
  }

  /** Gives a user, such as {@link ServiceAccount.user}, rights in a namespace. They hold when it resolves. */
  grant(namespace: string, user: string, rules: readonly PolicyRule[]): Promise<Grant> {
    return grant(this.client, namespace, user, rules)
  }

  /** Server-side apply of any manifests; `namespace` (default `default`) is for those that name none. */
  apply(manifests: Manifests, namespace = 'default'): Promise<KubernetesObject[]> {
    return apply(this.client, manifests, namespace)
  }

  /** The end of the audit log as it is now. Only if {@link owned}. */
  auditMark(): AuditMark {
    return auditMark(this.#own.auditFile)
  }

  /** Requests for leases, pods and selfsubjectaccessreviews, in the order of the log. Only if {@link owned}. */
  audit(since: AuditMark = 0, filter: AuditFilter = {}): AuditEvent[] {
    return auditEvents(this.#own.auditFile, since, filter)
  }

  /** A way to the server in which faults can be made; it shows the server's own certificate. Only if {@link owned}. */
  proxy(): Promise<ApiProxy> {
    const { certFolder } = this.#own
    const cert = readFileSync(join(certFolder, 'apiserver.crt'), 'utf8')
    const key = readFileSync(join(certFolder, 'apiserver.key'), 'utf8')
    return startProxy({ url: this.url, ca: this.info.connection.ca ?? cert, cert, key })
  }

  get #own() {
    if (!this.info.own) throw new Error(`${this.url} is somebody else's cluster (KUBECONFIG): ask for owned first`)
    return this.info.own
  }
}

/** A cluster that runs already. */
export const connectKubernetes = (info: ClusterInfo): KubernetesCluster => new KubernetesCluster(info)
