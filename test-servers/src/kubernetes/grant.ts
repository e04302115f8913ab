import { setTimeout as wait } from 'node:timers/promises'
import type { ApiClient } from './api-client.ts'
import type { KubernetesObject, PolicyRule } from './objects.ts'

/** Rights that were given. */
export interface Grant {
  /** Of the Role and of the RoleBinding. */
  readonly name: string
  /** Takes them away again; the server notices within milliseconds. */
  revoke(): Promise<void>
}

const GROUP = 'rbac.authorization.k8s.io'

/** How long the server may take to act on new rights, milliseconds. */
const EFFECT = 10_000

/** Makes a Role and its RoleBinding, and waits until the server acts on them. */
export async function grant(
  client: ApiClient,
  namespace: string,
  user: string,
  rules: readonly PolicyRule[],
): Promise<Grant> {
  const path = `/apis/${GROUP}/v1/namespaces/${namespace}`
  const role = await client.request('POST', `${path}/roles`, { metadata: { generateName: 'test-' }, rules })
  const name = role.metadata.name ?? ''
  await client.request('POST', `${path}/rolebindings`, {
    metadata: { name },
    roleRef: { apiGroup: GROUP, kind: 'Role', name },
    subjects: [{ apiGroup: GROUP, kind: 'User', name: user }],
  })
  for (const attributes of rules.flatMap(attributesOf)) await effective(client, user, { namespace, ...attributes })
  return {
    name,
    async revoke() {
      await client.request('DELETE', `${path}/rolebindings/${name}`)
      await client.request('DELETE', `${path}/roles/${name}`)
    },
  }
}

type Attributes = Readonly<Record<string, string | undefined>>

const attributesOf = ({ apiGroups, resources, verbs, resourceNames = [] }: PolicyRule): Attributes[] =>
  apiGroups.flatMap(group =>
    resources.flatMap(target => {
      const [resource, subresource] = target.split('/')
      return verbs.map(verb => ({ group, resource, subresource, verb, name: resourceNames[0] }))
    }),
  )

async function effective(client: ApiClient, user: string, resourceAttributes: Attributes): Promise<void> {
  const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews'
  const end = performance.now() + EFFECT
  for (;;) {
    const { status } = await client.request<KubernetesObject & { status?: { allowed?: boolean } }>('POST', path, {
      metadata: {},
      spec: { user, resourceAttributes },
    })
    if (status?.allowed) return
    if (performance.now() > end) throw new Error(`${user} still may not: ${JSON.stringify(resourceAttributes)}`)
    await wait(10)
  }
}
