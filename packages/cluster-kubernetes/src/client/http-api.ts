import {
  ApiFailure,
  type KubernetesApi,
  type Right,
  type Watch,
  type WatchListener,
  type WatchSelector,
} from '../api.ts'
import type { LeaseObject, ObjectMeta, PodObject } from '../objects.ts'
import type { Requests } from './requests.ts'
import type { Answer } from './wire.ts'

const LEASES = '/apis/coordination.k8s.io/v1'
const PODS = '/api/v1'
const REVIEWS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
const OURSELVES = '/apis/authentication.k8s.io/v1/selfsubjectreviews'
/** What the server adds to a user whose token is bound to a pod. */
const POD_UID = 'authentication.kubernetes.io/pod-uid'

/** The calls of an election as plain requests: JSON as the server sends it, so that a write keeps what it does not know. */
export class HttpApi implements KubernetesApi {
  readonly namespace: string
  readonly #requests: Requests

  constructor(namespace: string, requests: Requests) {
    this.namespace = namespace
    this.#requests = requests
  }

  async readLease(name: string): Promise<LeaseObject | undefined> {
    return found(await this.#requests.send('GET', this.#path(LEASES, 'leases', name), undefined, [404]))
  }

  async createLease(lease: LeaseObject): Promise<LeaseObject | undefined> {
    const answer = await this.#requests.send('POST', this.#path(LEASES, 'leases'), lease, [409])
    return answer.status === 409 ? undefined : found(answer)
  }

  async replaceLease(lease: LeaseObject): Promise<LeaseObject | undefined> {
    const path = this.#path(LEASES, 'leases', lease.metadata.name)
    const answer = await this.#requests.send('PUT', path, lease, [404, 409])
    return answer.status === 409 ? undefined : found(answer)
  }

  watchLeases(selector: WatchSelector, listener: WatchListener<LeaseObject>): Watch {
    const select =
      'name' in selector ? { fieldSelector: `metadata.name=${selector.name}` } : { labelSelector: selector.label }
    return this.#watch(this.#path(LEASES, 'leases'), select, listener)
  }

  async readPod(name: string): Promise<PodObject | undefined> {
    return found(await this.#requests.send('GET', this.#path(PODS, 'pods', name), undefined, [404]))
  }

  watchPod(name: string, listener: WatchListener<PodObject>): Watch {
    return this.#watch(this.#path(PODS, 'pods'), { fieldSelector: `metadata.name=${name}` }, listener)
  }

  async ownPodUid(): Promise<string | undefined> {
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }
    // A server before 1.28 does not know the question.
    const { body } = await this.#requests.send('POST', OURSELVES, review, [403, 404])
    const { status } = body as { status?: { userInfo?: { extra?: Readonly<Record<string, readonly string[]>> } } }
    return typeof status === 'object' ? status.userInfo?.extra?.[POD_UID]?.[0] : undefined
  }

  async may({ verb, group, resource, name }: Right): Promise<boolean> {
    const resourceAttributes = { namespace: this.namespace, verb, group, resource, ...(name !== undefined && { name }) }
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes },
    }
    const { body } = await this.#requests.send('POST', REVIEWS, review)
    return (body as { status?: { allowed?: boolean } }).status?.allowed === true
  }

  close(): void {
    this.#requests.close()
  }

  #path(base: string, resource: string, name?: string): string {
    const path = `${base}/namespaces/${encodeURIComponent(this.namespace)}/${resource}`
    return name === undefined ? path : `${path}/${encodeURIComponent(name)}`
  }

  /**
   * Without a resourceVersion: the state first, which may come from a cache that lags, then every change. The server ends
   * it after half an hour or more.
   */
  #watch<T>(path: string, select: Readonly<Record<string, string>>, listener: WatchListener<T>): Watch {
    const query = new URLSearchParams({ watch: 'true', allowWatchBookmarks: 'true', ...select })
    const stream = this.#requests.stream(`${path}?${query}`, {
      opened: () => listener.opened(),
      closed: failure => listener.closed(failure),
      line: text => {
        const { type, object } = JSON.parse(text) as { type: string; object: T }
        if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED' || type === 'BOOKMARK') {
          listener.event(type, object)
          return
        }
        const { message = 'the watch ended', code, reason } = object as Record<string, string> & { code?: number }
        stream.close()
        listener.closed(new ApiFailure(message, { ...(code && { status: code }), ...(reason && { reason }) }))
      },
    })
    return stream
  }
}

/** Undefined for an object that there is not. Any other 404, such as that of a missing namespace on a write, is a failure. */
function found<T extends { readonly metadata: ObjectMeta }>({ status, body }: Answer): T | undefined {
  if (status !== 404) {
    const object = body as T | null
    if (object?.metadata?.uid) return object
    throw new ApiFailure(`the server answered ${status} without the object`, { status, reason: 'EBADMSG' })
  }
  const { kind, message } = body as { kind?: string; message?: string }
  if (kind === 'Status' && !/^(namespaces |the server could not find)/.test(message ?? '')) return undefined
  const said = kind === 'Status' && message ? message : 'the server answered 404: does it have coordination.k8s.io/v1?'
  throw new ApiFailure(said, { status, reason: 'NotFound' })
}
