import { expect, it, vi } from 'vitest'
import { ApiClient } from '../src/kubernetes/api-client.ts'
import { grant } from '../src/kubernetes/grant.ts'

const RULE = { apiGroups: [''], resources: ['pods', 'pods/status'], verbs: ['get'], resourceNames: ['mine'] }

it('waits until the server acts on every right that it gave', async () => {
  const client = new ApiClient({ url: 'https://127.0.0.1:1' })
  const asked: unknown[] = []
  vi.spyOn(client, 'request').mockImplementation(async (_method, path, body) => {
    if (!path.endsWith('subjectaccessreviews')) return { metadata: { name: 'test-1' } }
    asked.push((body as { spec: { resourceAttributes: unknown } }).spec.resourceAttributes)
    return { status: { allowed: asked.length > 2 } }
  })
  await expect(grant(client, 'here', 'me', [RULE])).resolves.toMatchObject({ name: 'test-1' })
  const pods = { namespace: 'here', group: '', resource: 'pods', subresource: undefined, verb: 'get', name: 'mine' }
  expect(asked).toEqual([pods, pods, pods, { ...pods, subresource: 'status' }])
})
