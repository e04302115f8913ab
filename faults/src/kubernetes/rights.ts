import { setTimeout as wait } from 'node:timers/promises'
import type { KubernetesCluster, PolicyRule } from '@dromedary/test-servers/kubernetes'

const GROUP = 'rbac.authorization.k8s.io'
const ROLE = 'dromedary'

/** How long the server may take to act on rights. */
const EFFECT_MS = 10_000

/** What every member may: the Role of the example. */
export const RIGHTS: readonly PolicyRule[] = [
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'update', 'watch'] },
  { apiGroups: [''], resources: ['pods'], verbs: ['get', 'watch'] },
]

/** Everything but the renewal of a Lease. */
export const WITHOUT_UPDATE: readonly PolicyRule[] = RIGHTS.map(rule => ({
  ...rule,
  verbs: rule.verbs.filter(verb => verb !== 'update'),
}))

/** The Role of all service accounts of one namespace. */
export class Rights {
  readonly namespace: string
  readonly #cluster: KubernetesCluster

  private constructor(cluster: KubernetesCluster, namespace: string) {
    this.#cluster = cluster
    this.namespace = namespace
  }

  /** Grants {@link RIGHTS}; resolves when they hold. */
  static async grant(cluster: KubernetesCluster, namespace: string): Promise<Rights> {
    const path = `/apis/${GROUP}/v1/namespaces/${namespace}`
    const rights = new Rights(cluster, namespace)
    await cluster.request('POST', `${path}/roles`, { metadata: { name: ROLE }, rules: RIGHTS })
    await cluster.request('POST', `${path}/rolebindings`, {
      metadata: { name: ROLE },
      roleRef: { apiGroup: GROUP, kind: 'Role', name: ROLE },
      subjects: [{ apiGroup: GROUP, kind: 'Group', name: rights.#members }],
    })
    await rights.#until(true)
    return rights
  }

  /** Replaces what members may; resolves when the server acts on it. */
  async set(rules: readonly PolicyRule[]): Promise<void> {
    await this.#cluster.request('PATCH', `/apis/${GROUP}/v1/namespaces/${this.namespace}/roles/${ROLE}`, { rules })
    await this.#until(rules === RIGHTS)
  }

  get #members(): string {
    return `system:serviceaccounts:${this.namespace}`
  }

  async #until(mayUpdate: boolean): Promise<void> {
    const attributes = { namespace: this.namespace, verb: 'update', group: 'coordination.k8s.io', resource: 'leases' }
    const review = {
      metadata: {},
      spec: { user: 'somebody', groups: [this.#members], resourceAttributes: attributes },
    }
    const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews'
    const end = performance.now() + EFFECT_MS
    while (performance.now() < end) {
      const { status } = await this.#cluster.request<{ status: { allowed: boolean } }>('POST', path, review)
      if (status.allowed === mayUpdate) return
      await wait(10)
    }
    throw new Error(`the server does not act on the rights of ${this.#members}`)
  }
}
