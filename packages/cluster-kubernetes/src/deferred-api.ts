import { DromedaryError } from '@dromedary/core'
import type { KubernetesApi, Right, Watch, WatchListener, WatchSelector } from './api.ts'
import type { LeaseObject, PodObject } from './objects.ts'

/** Stands for the calls to the server until the client was loaded; nothing calls before that. */
export class DeferredApi implements KubernetesApi {
  #api: KubernetesApi | undefined

  connect(api: KubernetesApi): void {
    this.#api = api
  }

  get #connected(): KubernetesApi {
    if (!this.#api) throw new DromedaryError('DROMEDARY_INVALID_STATE', 'The cluster service was not started.')
    return this.#api
  }

  get namespace(): string {
    return this.#connected.namespace
  }

  readLease(name: string): Promise<LeaseObject | undefined> {
    return this.#connected.readLease(name)
  }

  createLease(lease: LeaseObject): Promise<LeaseObject | undefined> {
    return this.#connected.createLease(lease)
  }

  replaceLease(lease: LeaseObject): Promise<LeaseObject | undefined> {
    return this.#connected.replaceLease(lease)
  }

  watchLeases(selector: WatchSelector, listener: WatchListener<LeaseObject>): Watch {
    return this.#connected.watchLeases(selector, listener)
  }

  readPod(name: string): Promise<PodObject | undefined> {
    return this.#connected.readPod(name)
  }

  watchPod(name: string, listener: WatchListener<PodObject>): Watch {
    return this.#connected.watchPod(name, listener)
  }

  ownPodUid(): Promise<string | undefined> {
    return this.#connected.ownPodUid()
  }

  may(right: Right): Promise<boolean> {
    return this.#connected.may(right)
  }

  close(): void {
    this.#api?.close()
  }
}
