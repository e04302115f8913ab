import type { Clock } from '@dromedary/core'
import type { ApiFailure, KubernetesApi } from './api.ts'
import { KeptWatch } from './kept-watch.ts'
import type { PodObject } from './objects.ts'

export interface PodFeedOptions {
  readonly api: KubernetesApi
  readonly clock: Clock
  readonly random: () => number
  readonly retryMs: number
  /** A watch on pods was refused, or broke. */
  readonly failed: (failure: ApiFailure) => void
}

type Listener = (pod: PodObject) => void

interface Followed {
  readonly watch: KeptWatch<PodObject>
  readonly listeners: Set<Listener>
  newest: PodObject | undefined
}

/** The pods of holders: one watch for each, however many elections are interested. */
export class PodFeed {
  readonly #options: PodFeedOptions
  readonly #pods = new Map<string, Followed>()

  constructor(options: PodFeedOptions) {
    this.#options = options
  }

  /** Tells the pod as it is, and each change, until the returned function is called. */
  follow(name: string, listener: Listener): () => void {
    const followed = this.#pods.get(name) ?? this.#open(name)
    followed.listeners.add(listener)
    if (followed.newest) listener(followed.newest)
    return () => {
      followed.listeners.delete(listener)
      if (followed.listeners.size > 0 || this.#pods.get(name) !== followed) return
      this.#pods.delete(name)
      followed.watch.close()
    }
  }

  /** A server that was away is back. */
  nudge(): void {
    for (const { watch } of this.#pods.values()) watch.nudge()
  }

  #open(name: string): Followed {
    const { api, failed, ...rest } = this.#options
    const listeners = new Set<Listener>()
    const followed: Followed = {
      listeners,
      newest: undefined,
      watch: new KeptWatch<PodObject>({
        ...rest,
        open: listener => api.watchPod(name, listener),
        // What a pod looked like when it was deleted counts as well: kubelet may have said the end before.
        event: (_type, pod) => {
          followed.newest = pod
          for (const listener of [...listeners]) listener(pod)
        },
        failed,
      }),
    }
    this.#pods.set(name, followed)
    return followed
  }
}
