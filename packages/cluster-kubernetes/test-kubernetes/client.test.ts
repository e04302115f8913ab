import { sharedKubernetes } from '@dromedary/test-servers/kubernetes/vitest'
import { beforeAll, describe, expect, it } from 'vitest'
import type { LeaseObject } from '../src/objects.ts'
import { account, lease, reach, watched } from './support/reach.ts'

const cluster = sharedKubernetes()
const GROUP = 'coordination.k8s.io'

let namespace: string
beforeAll(async () => {
  namespace = await cluster.namespace('client')
})

const admin = () => reach(cluster, { namespace })
const created = async (name: string, more: Partial<LeaseObject> = {}) =>
  (await admin().createLease(lease(name, more))) as LeaseObject

describe('a Lease', () => {
  it('goes to the server and comes back with six digit times, and what we do not know', async () => {
    const spec = {
      holderIdentity: 'pod_1',
      leaseDurationSeconds: 15,
      acquireTime: '2026-01-01T00:00:00.123456Z',
      renewTime: '2026-01-01T00:00:10.000000Z',
      leaseTransitions: 3,
    }
    const annotations = { 'dromedary/term': '1767225600000', 'example.com/note': 'ü' }
    const api = admin()
    const stored = await api.createLease(lease('trip', { spec, metadata: { name: 'trip', annotations } }))
    expect(stored?.spec).toEqual(spec)
    expect(stored?.metadata).toMatchObject({
      namespace,
      annotations,
      uid: expect.any(String),
      resourceVersion: expect.stringMatching(/^\d+$/),
    })
    expect(await api.readLease('trip')).toEqual(stored)
    const next = await api.replaceLease({
      ...(stored as LeaseObject),
      spec: { ...spec, renewTime: '2026-01-01T00:00:12.999999Z' },
    })
    expect(next?.spec).toEqual({ ...spec, renewTime: '2026-01-01T00:00:12.999999Z' })
    expect(Number(next?.metadata.resourceVersion)).toBeGreaterThan(Number(stored?.metadata.resourceVersion))
  })

  it('that is not there is undefined, and one that is there is not made again', async () => {
    const api = admin()
    expect(await api.readLease('none')).toBeUndefined()
    await created('twice')
    expect(await api.createLease(lease('twice'))).toBeUndefined()
  })

  it('with a stale resourceVersion replaces nothing', async () => {
    const api = admin()
    const first = await created('stale')
    const second = await api.replaceLease({ ...first, spec: { holderIdentity: 'one' } })
    expect(await api.replaceLease({ ...first, spec: { holderIdentity: 'two' } })).toBeUndefined()
    expect(await api.readLease('stale')).toEqual(second)
  })

  it('that was deleted is never made again by a PUT, also after another one took its name', async () => {
    const api = admin()
    const first = await created('gone')
    const path = `/apis/${GROUP}/v1/namespaces/${namespace}/leases/gone`
    await cluster.request('DELETE', path)
    expect(await api.replaceLease(first)).toBeUndefined()
    expect(await api.readLease('gone')).toBeUndefined()
    const other = await created('gone')
    expect(await api.replaceLease(first)).toBeUndefined()
    expect(
      await api.replaceLease({
        ...first,
        metadata: { ...first.metadata, resourceVersion: other.metadata.resourceVersion ?? '' },
      }),
    ).toBeUndefined()
    expect(await api.readLease('gone')).toEqual(other)
  })

  it.each([
    ['a duration of 0', { spec: { leaseDurationSeconds: 0 } }, 422, 'Invalid'],
    ['a time with three digits', { spec: { renewTime: '2026-01-01T00:00:00.123Z' } }, 400, 'BadRequest'],
  ])('with %s is refused', async (_, more, status, reason) => {
    await expect(created('wrong', more)).rejects.toMatchObject({ name: 'ApiFailure', status, reason })
  })

  it('in a namespace that there is not says so when it is to be made', async () => {
    const api = reach(cluster, { namespace: 'nowhere' })
    await expect(api.createLease(lease('a'))).rejects.toMatchObject({
      status: 404,
      reason: 'NotFound',
      message: 'namespaces "nowhere" not found',
    })
    expect(await api.readLease('a')).toBeUndefined()
  })
})

describe('a watch', () => {
  it('of one Lease by its name needs neither list nor a right on others', async () => {
    const here = await cluster.namespace('watch')
    const rule = { apiGroups: [GROUP], resources: ['leases'], verbs: ['watch'], resourceNames: ['mine'] }
    const { token, account: one } = await account(cluster, here, [rule])
    const api = reach(cluster, { token, namespace: here })
    const mark = cluster.owned ? cluster.auditMark() : 0
    const mine = watched(api, { name: 'mine' })
    const other = watched(api, { name: 'other' })
    const all = watched(api, { label: 'a=b' })
    await Promise.all([mine.tells('opened'), other.tells('closed 403'), all.tells('closed 403')])
    const path = `/apis/${GROUP}/v1/namespaces/${here}/leases`
    for (const name of ['other', 'mine']) await cluster.request('POST', path, { metadata: { name } })
    await cluster.request('DELETE', `${path}/mine`)
    await mine.tells('ADDED mine', 'DELETED mine')
    expect(mine.told).toEqual(['opened', 'ADDED mine', 'DELETED mine'])
    if (!cluster.owned) return
    const verbs = new Set(cluster.audit(mark, { user: one.user }).map(({ verb }) => verb))
    expect([...verbs]).toEqual(['watch'])
  })

  it('begins with what there is, and tells a label that goes as a deletion', async () => {
    const api = admin()
    const labels = { 'dromedary/cluster': 'labelled' }
    const first = await created('labelled-1', { metadata: { name: 'labelled-1', labels } })
    await created('unlabelled')
    const { told, tells } = watched(api, { label: 'dromedary/cluster=labelled' })
    await tells('opened', 'ADDED labelled-1')
    await created('labelled-2', { metadata: { name: 'labelled-2', labels } })
    await tells('ADDED labelled-2')
    await api.replaceLease({ ...first, metadata: { ...first.metadata, labels: {} } })
    await tells('DELETED labelled-1')
    expect(told).toEqual(['opened', 'ADDED labelled-1', 'ADDED labelled-2', 'DELETED labelled-1'])
  })

  it('in a namespace that there is not opens: the server knows nothing of it', async () => {
    const { told, tells } = watched(reach(cluster, { namespace: 'nowhere' }), { name: 'a' })
    await tells('opened')
    expect(told).toEqual(['opened'])
  })
})

describe('rights', () => {
  it('can be asked for by a service account that has none, and are told exactly', async () => {
    const here = await cluster.namespace('rights')
    const { account: one, token } = await account(cluster, here)
    const api = reach(cluster, { token, namespace: here })
    const get = { verb: 'get', group: GROUP, resource: 'leases' } as const
    const asks = () =>
      Promise.all([get, { ...get, name: 'mine' }, { ...get, name: 'other' }].map(right => api.may(right)))
    expect(await asks()).toEqual([false, false, false])
    await cluster.grant(here, one.user, [
      { apiGroups: [GROUP], resources: ['leases'], verbs: ['get'], resourceNames: ['mine'] },
    ])
    expect(await asks()).toEqual([false, true, false])
    await expect(api.readLease('other')).rejects.toMatchObject({
      status: 403,
      reason: 'Forbidden',
      message: expect.stringContaining(`User "${one.user}" cannot get resource "leases"`),
    })
    expect(await api.readLease('mine')).toBeUndefined()
  })
})

describe('the pod that our credentials are bound to', () => {
  it('is known to the server', async () => {
    const here = await cluster.namespace('bound')
    const { account: one, token } = await account(cluster, here)
    expect(await reach(cluster, { token, namespace: here }).ownPodUid()).toBeUndefined()
    const spec = { containers: [{ name: 'main', image: 'test' }], serviceAccountName: one.name, nodeName: 'node-1' }
    const pod = await cluster.request('POST', `/api/v1/namespaces/${here}/pods`, { metadata: { name: 'app' }, spec })
    const boundObjectRef = { kind: 'Pod', apiVersion: 'v1', name: 'app', uid: pod.metadata.uid }
    const path = `/api/v1/namespaces/${here}/serviceaccounts/${one.name}/token`
    const { status } = await cluster.request<{ status: { token: string } }>('POST', path, { spec: { boundObjectRef } })
    expect(await reach(cluster, { token: status.token, namespace: here }).ownPodUid()).toBe(pod.metadata.uid)
  })

  it('is none of an administrator', async () => {
    expect(await admin().ownPodUid()).toBeUndefined()
  })
})
