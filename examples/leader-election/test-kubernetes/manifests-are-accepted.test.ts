import { fileURLToPath } from 'node:url'
import type { KubernetesObject } from '@dromedary/test-servers/kubernetes'
import { sharedKubernetes } from '@dromedary/test-servers/kubernetes/vitest'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { stage } from './support/deploy-stage.ts'
import { deployment, MANIFESTS } from './support/manifests.ts'

/** What the kinds are called in paths. */
const PLURAL: Readonly<Record<string, string>> = {
  ServiceAccount: 'serviceaccounts',
  Role: 'roles',
  RoleBinding: 'rolebindings',
  PodDisruptionBudget: 'poddisruptionbudgets',
  Deployment: 'deployments',
}

const cluster = sharedKubernetes()

/** Server-side apply that accepts no field which the server does not know. */
function applyStrictly(object: KubernetesObject, namespace: string, dryRun = false): Promise<KubernetesObject> {
  const { apiVersion = '', kind = '', metadata } = object
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  const query = `fieldManager=kubectl&fieldValidation=Strict${dryRun ? '&dryRun=All' : ''}`
  const path = `${group}/namespaces/${namespace}/${PLURAL[kind]}/${metadata.name}?${query}`
  return cluster.request('PATCH', path, JSON.stringify(object), { 'content-type': 'application/apply-patch+yaml' })
}

describe.each(MANIFESTS)('$name', ({ objects }) => {
  it('is accepted as it stands, also in a dry run, and changes nothing the second time', async () => {
    const namespace = await cluster.namespace('manifests')
    for (const object of objects) {
      await applyStrictly(object, namespace, true)
      const first = await applyStrictly(object, namespace)
      const second = await applyStrictly(object, namespace)
      expect(first.metadata.resourceVersion).toBeTruthy()
      expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion)
    }
  })

  it('is in no namespace of its own, and would not be accepted with a field that is misspelt', async () => {
    const namespace = await cluster.namespace('manifests')
    for (const object of objects) {
      expect(object.metadata.namespace).toBeUndefined()
      const misspelt = { ...object, metadata: { ...object.metadata, lables: {} } }
      await expect(applyStrictly(misspelt, namespace, true)).rejects.toThrow(
        /field not declared in schema|unknown field/,
      )
    }
  })
})

it('kubectl apply -k sees the same objects, and can apply them', async test => {
  const { kubectl, stored } = await stage(test)
  const folder = fileURLToPath(new URL('../kubernetes', import.meta.url))
  const documents = parseAllDocuments(await kubectl('kustomize', folder)).map(one => one.toJS() as KubernetesObject)
  const byKind = (objects: readonly KubernetesObject[]) => Object.fromEntries(objects.map(one => [one.kind, one]))
  expect(byKind(documents)).toEqual(byKind(MANIFESTS.flatMap(({ objects }) => objects)))
  await kubectl('apply', '--server-side', '--kustomize', folder)
  expect(await stored()).toHaveLength(documents.length)
})

describe('the pods of the Deployment', () => {
  const { spec, metadata } = deployment.spec.template

  it('are accepted in a namespace that enforces the restricted Pod Security Standard', async () => {
    const namespace = await cluster.namespace('restricted')
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' }
    await cluster.request('PATCH', `/api/v1/namespaces/${namespace}`, { metadata: { labels } })
    const create = (pod: object) => cluster.request('POST', `/api/v1/namespaces/${namespace}/pods?dryRun=All`, pod)
    await create({ metadata: { ...metadata, name: 'one' }, spec })
    const careless = spec.containers.map(container => ({ ...container, securityContext: {} }))
    await expect(create({ metadata: { name: 'two' }, spec: { ...spec, containers: careless } })).rejects.toThrow(
      'violates PodSecurity "restricted:latest"',
    )
  })
})
