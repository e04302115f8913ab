import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sharedKubernetes } from '@dromedary/test-servers/kubernetes/vitest'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'

const cluster = sharedKubernetes()
const LEASES = { apiGroups: ['coordination.k8s.io'], resources: ['leases'] }

let namespace: string
let leases: string
beforeAll(async () => {
  namespace = await cluster.namespace('here')
  leases = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`
})

it('gives each test a namespace of its own', async () => {
  expect(namespace).toMatch(/^here-/)
  expect(await cluster.namespace('here')).not.toBe(namespace)
})

it('rejects with what the server says', async () => {
  await expect(cluster.request('GET', `${leases}/none`)).rejects.toMatchObject({
    name: 'StatusError',
    code: 404,
    reason: 'NotFound',
    message: `GET ${leases}/none: 404 leases.coordination.k8s.io "none" not found`,
  })
  await expect(cluster.as('nobody').request('GET', leases)).rejects.toMatchObject({ code: 401 })
})

describe('a service account', () => {
  it('may do what it was granted, and nothing else, until that is revoked', async () => {
    const account = await cluster.serviceAccount(namespace, 'reader')
    const { token, expiresAt } = await cluster.token(account, 600)
    expect(Math.abs(expiresAt.getTime() - Date.now() - 600_000)).toBeLessThan(60_000)
    const client = cluster.as(token)
    await expect(client.request('GET', leases)).rejects.toMatchObject({ code: 403, reason: 'Forbidden' })
    const granted = await cluster.grant(namespace, account.user, [
      { ...LEASES, verbs: ['list', 'watch'] },
      { ...LEASES, verbs: ['get'], resourceNames: ['mine'] },
    ])
    expect(await client.request('GET', leases)).toMatchObject({ kind: 'LeaseList' })
    await expect(client.request('GET', `${leases}/mine`)).rejects.toMatchObject({ code: 404 })
    await expect(client.request('GET', `${leases}/other`)).rejects.toMatchObject({ code: 403 })
    await expect(client.request('POST', leases, { metadata: { name: 'x' } })).rejects.toMatchObject({ code: 403 })
    await granted.revoke()
    await expect.poll(() => client.request('GET', leases).catch(error => error.code)).toBe(403)
  })

  it('has another token each time', async () => {
    const account = await cluster.serviceAccount(namespace, 'rotated')
    const tokens = await Promise.all([cluster.token(account), cluster.token(account, 1200)])
    expect(new Set(tokens.map(({ token }) => token)).size).toBe(2)
  })

  it('uses a kubeconfig as anybody else does', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dromedary-kubeconfig-'))
    const account = await cluster.serviceAccount(namespace, 'configured')
    const { token } = await cluster.token(account)
    const file = cluster.kubeconfigFile(join(folder, 'kubeconfig'), { token, namespace })
    expect(statSync(file).mode & 0o077).toBe(0)
    const config = parse(readFileSync(file, 'utf8'))
    expect(config.clusters[0].cluster.server).toBe(cluster.url)
    expect(config.users[0].user.token).toBe(token)
    rmSync(folder, { recursive: true })
  })
})

it('applies manifests, again and again', async () => {
  const manifests = `
apiVersion: v1
kind: ServiceAccount
metadata: { name: applied }
---
# Nothing here.
---
apiVersion: v1
kind: List
items:
  - apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata: { name: applied }
    rules: [{ apiGroups: [''], resources: [pods], verbs: [get] }]
  - apiVersion: coordination.k8s.io/v1
    kind: Lease
    metadata: { name: applied }
    spec: { leaseDurationSeconds: 15 }
`
  const first = await cluster.apply(manifests, namespace)
  expect(first.map(({ kind }) => kind)).toEqual(['ServiceAccount', 'Role', 'Lease'])
  const second = await cluster.apply(manifests, namespace)
  expect(second.map(({ metadata }) => metadata.uid)).toEqual(first.map(({ metadata }) => metadata.uid))
  const lease = await cluster.request('GET', `${leases}/applied`)
  await cluster.apply({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'applied', namespace } })
  const emptied = await cluster.request('GET', `${leases}/applied`)
  expect(lease['spec']).toEqual({ leaseDurationSeconds: 15 })
  expect(emptied['spec']).toEqual({})
})

it('says what is wrong with a manifest', async () => {
  await expect(cluster.apply('kind: Lease', namespace)).rejects.toThrow('a manifest needs apiVersion')
  const unknown = { apiVersion: 'v1', kind: 'Nothing', metadata: { name: 'x' } }
  await expect(cluster.apply(unknown, namespace)).rejects.toThrow('the server has no Nothing in v1')
})

it.skipIf(!cluster.owned)('tells from the audit log who has asked for what', async () => {
  const account = await cluster.serviceAccount(namespace, 'audited')
  const { token } = await cluster.token(account)
  const client = cluster.as(token)
  await cluster.grant(namespace, account.user, [{ ...LEASES, verbs: ['create', 'watch'] }])
  const mark = cluster.auditMark()
  using _watch = await client.watch(leases)
  await client.request('POST', leases, { metadata: { name: 'audited' } })
  await client.request('GET', `${leases}/audited`).catch(() => {})
  await expect.poll(() => cluster.audit(mark, { user: account.user })).toHaveLength(3)
  expect(cluster.audit(mark, { user: account.user })).toMatchObject([
    { verb: 'watch', resource: 'leases', namespace, code: 200, stage: 'ResponseStarted' },
    { verb: 'create', resource: 'leases', namespace, name: 'audited', code: 201, stage: 'ResponseComplete' },
    { verb: 'get', resource: 'leases', namespace, name: 'audited', code: 403, stage: 'ResponseComplete' },
  ])
  expect(cluster.audit(mark, { user: account.user, verb: 'get' })).toHaveLength(1)
})
