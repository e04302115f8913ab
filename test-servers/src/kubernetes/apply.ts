import { parseAllDocuments } from 'yaml'
import type { ApiClient } from './api-client.ts'
import type { KubernetesObject } from './objects.ts'

/** Manifests as text, also several documents in one, or as objects; a List stands for its items. */
export type Manifests = string | KubernetesObject | readonly KubernetesObject[]

/** Whoever applies takes over the fields from everybody else. */
const QUERY = 'fieldManager=dromedary-test&force=true'

/** Server-side apply, one after the other. `namespace` is for those that name none and need one. */
export async function apply(client: ApiClient, manifests: Manifests, namespace: string): Promise<KubernetesObject[]> {
  const applied: KubernetesObject[] = []
  for (const object of objectsIn(manifests)) {
    const path = await pathOf(client, object, namespace)
    const headers = { 'content-type': 'application/apply-patch+yaml' }
    applied.push(await client.request('PATCH', `${path}?${QUERY}`, JSON.stringify(object), headers))
  }
  return applied
}

function objectsIn(manifests: Manifests): KubernetesObject[] {
  if (typeof manifests === 'string') {
    return parseAllDocuments(manifests).flatMap(document => {
      const [error] = document.errors ?? []
      if (error) throw error
      const object = document.toJS() as KubernetesObject | null
      return object === null ? [] : objectsIn(object)
    })
  }
  if (Array.isArray(manifests)) return manifests.flatMap(objectsIn)
  const object = manifests as KubernetesObject
  return object.kind === 'List' ? objectsIn(object['items'] as KubernetesObject[]) : [object]
}

interface ResourceList {
  readonly resources: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean }[]
}

/** The server knows what its kinds are called in paths. */
async function pathOf(client: ApiClient, object: KubernetesObject, namespace: string): Promise<string> {
  const { apiVersion, kind, metadata } = object
  if (!apiVersion || !kind || !metadata?.name) throw new Error('a manifest needs apiVersion, kind and metadata.name')
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  const { resources } = await client.request<ResourceList>('GET', group)
  const resource = resources.find(one => one.kind === kind && !one.name.includes('/'))
  if (!resource) throw new Error(`the server has no ${kind} in ${apiVersion}`)
  const within = resource.namespaced ? `/namespaces/${metadata.namespace ?? namespace}` : ''
  return `${group}${within}/${resource.name}/${metadata.name}`
}
