import type { LeaseObject, PodObject } from './objects.ts'

/** What went wrong with a request; a 404 or 409 that is an answer to the question asked is no failure. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure'
  /** Of the answer; undefined where there was none: refused, reset, timed out. */
  readonly status: number | undefined
  /** The reason of the server's Status object, such as `Forbidden`, or the code of the network error, such as `ECONNREFUSED`. */
  readonly reason: string | undefined

  constructor(message: string, options: { status?: number; reason?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.status = options.status
    this.reason = options.reason
  }
}

/** Which objects a watch is about: one by its name, or all with a label. */
export type WatchSelector = { readonly name: string } | { readonly label: string }

/** What a watch tells. Nothing comes before `watch…` has returned, and nothing after `closed` or {@link Watch.close}. */
export interface WatchListener<T> {
  /** The server has accepted the watch. At first one `ADDED` comes for each object that there is. */
  opened(): void
  /** `BOOKMARK` carries nothing but a sign of life. */
  event(type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK', object: T): void
  /**
   * Once: the server ended it (undefined), or it broke, was refused, or did not open within the connection time-out
   * ({@link ApiFailure}). Not after {@link Watch.close}.
   */
  closed(failure: ApiFailure | undefined): void
}

export interface Watch {
  /** Idempotent. */
  close(): void
}

/** A right, as RBAC names it. */
export interface Right {
  readonly verb: 'get' | 'create' | 'update' | 'watch'
  readonly group: '' | 'coordination.k8s.io'
  readonly resource: 'leases' | 'pods'
  /** Of the one object; undefined for all of them. */
  readonly name?: string
}

/**
 * The calls to the API server that an election needs, in one namespace. Each ends within the connection time-out. Rejects
 * with {@link ApiFailure}; the request may have been carried out all the same.
 */
export interface KubernetesApi {
  /** Of the Leases and pods. */
  readonly namespace: string
  /** Undefined where there is none. */
  readLease(name: string): Promise<LeaseObject | undefined>
  /** As stored; undefined where one of that name exists. */
  createLease(lease: LeaseObject): Promise<LeaseObject | undefined>
  /** As stored; undefined where the object of that uid is gone, or no longer has that resourceVersion. */
  replaceLease(lease: LeaseObject): Promise<LeaseObject | undefined>
  watchLeases(selector: WatchSelector, listener: WatchListener<LeaseObject>): Watch
  /** Undefined where there is none. */
  readPod(name: string): Promise<PodObject | undefined>
  watchPod(name: string, listener: WatchListener<PodObject>): Watch
  /** The uid of the pod that our credentials are bound to, as the server knows it: SelfSubjectReview. Undefined where they are not. */
  ownPodUid(): Promise<string | undefined>
  /** Whether this member has the right: SelfSubjectAccessReview. */
  may(right: Right): Promise<boolean>
  /** Ends connections; every request under way, and every later one, is given up. Watches tell nothing more. */
  close(): void
}
