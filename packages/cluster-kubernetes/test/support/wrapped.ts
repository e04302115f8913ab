import type { ClusterService, Leadership } from '@dromedary/core/cluster'
import type { KubernetesApi } from '../../src/api.ts'

/** Delegates, with some calls replaced. */
export function wrapped(api: KubernetesApi, over: Partial<KubernetesApi>): KubernetesApi {
  return new Proxy(api, {
    get: (target, key) => {
      const own = (over as Record<PropertyKey, unknown>)[key]
      if (own) return own
      const value = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

/** Campaigns, draining at once; each leadership, oldest first. */
export function compete(member: ClusterService, namespace = 'ns'): Leadership[] {
  const all: Leadership[] = []
  member.campaign(namespace, { participant: 'route' }).leadership.subscribe(leadership => {
    if (!leadership) return
    all.push(leadership)
    leadership.closing.addEventListener('abort', () => leadership.drained())
  })
  return all
}

/** What must be there. */
export function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('it is not there')
  return value
}
