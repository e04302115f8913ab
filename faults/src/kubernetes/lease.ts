import { setTimeout as wait } from 'node:timers/promises'
import type { LeaseObject } from '@dromedary/cluster-kubernetes'
import { type KubernetesCluster, StatusError } from '@dromedary/test-servers/kubernetes'

const PATH = '/apis/coordination.k8s.io/v1/namespaces'
/** Of the cluster namespace `faults`. */
const NAME = 'dromedary-faults'

export const NOTE = {
  term: 'dromedary/term',
  incarnation: 'dromedary/incarnation',
  member: 'dromedary/member',
  containerId: 'dromedary/container-id',
} as const

/** What a merge patch may change of a Lease. */
export interface LeasePatch {
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string | null>>
    readonly annotations?: Readonly<Record<string, string | null>> | null
  }
  readonly spec?: Readonly<Record<string, unknown>>
}

/** The Lease of a stage, in the hands of somebody who may do anything to it. */
export class LeaseByHand {
  readonly #cluster: KubernetesCluster
  readonly #collection: string

  constructor(cluster: KubernetesCluster, namespace: string) {
    this.#cluster = cluster
    this.#collection = `${PATH}/${namespace}/leases`
  }

  /** Undefined where there is none. */
  async get(): Promise<LeaseObject | undefined> {
    try {
      return await this.#cluster.request<LeaseObject>('GET', `${this.#collection}/${NAME}`)
    } catch (error) {
      if (error instanceof StatusError && error.code === 404) return undefined
      throw error
    }
  }

  async create(patch: LeasePatch): Promise<void> {
    await this.#cluster.request('POST', this.#collection, { ...patch, metadata: { ...patch.metadata, name: NAME } })
  }

  async patch(patch: LeasePatch): Promise<void> {
    await this.#cluster.request('PATCH', `${this.#collection}/${NAME}`, patch)
  }

  async delete(): Promise<void> {
    await this.#cluster.request('DELETE', `${this.#collection}/${NAME}`)
  }

  /** Waits until it carries the annotation; `look` may throw meanwhile. */
  async untilNoted(note: string, value: string, withinMs: number, look: () => void): Promise<void> {
    const end = performance.now() + withinMs
    for (;;) {
      const notes = (await this.get())?.metadata.annotations ?? {}
      if (notes[note] === value) return
      look()
      if (performance.now() > end) {
        throw new Error(
          `expected within ${withinMs} ms: the Lease has ${note}=${value}; it has ${JSON.stringify(notes)}`,
        )
      }
      await wait(100)
    }
  }
}
