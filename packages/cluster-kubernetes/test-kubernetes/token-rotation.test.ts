import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sharedKubernetes } from '@dromedary/test-servers/kubernetes/vitest'
import { eventually } from '@dromedary/testing'
import { describe, expect, it } from 'vitest'
import { account, folder, lease, reach, watched } from './support/reach.ts'

const cluster = sharedKubernetes()
const RULE = { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'watch'] }
/** The server believes a token for ten seconds after it last looked. */
const BELIEVED = { within: 30_000, every: 200 }

/** As a pod is configured: the library's own word for what `tokenFile` says. */
const asInAPod = (tokenFile: string) => (text: string) =>
  text.replace(
    /^ {6}tokenFile: .*$/m,
    `      auth-provider: { name: tokenFile, config: { tokenFile: ${JSON.stringify(tokenFile)} } }`,
  )

describe.each([
  ['tokenFile of a kubeconfig', () => undefined],
  ['the service account of a pod', asInAPod],
] as const)('a token in a file, by %s', (_, change) => {
  it('that is revoked and replaced is noticed by nobody: requests go on, watches are opened again', async () => {
    const namespace = await cluster.namespace('token')
    const { account: one, token } = await account(cluster, namespace, [RULE])
    const tokenFile = join(folder(), 'token')
    writeFileSync(tokenFile, token)
    const api = reach(cluster, { tokenFile, namespace }, change(tokenFile))
    expect(await api.createLease(lease('a'))).toBeDefined()
    const another = reach(cluster, { tokenFile, namespace }, change(tokenFile))
    expect(await another.readLease('a')).toBeDefined()
    // With its service account go all of its tokens; the new one of that name has the same rights.
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts`
    await cluster.request('DELETE', `${path}/${one.name}`)
    const old = cluster.as(token)
    const leases = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`
    const refused = () =>
      old.request('GET', `${leases}/a`).then(
        () => false,
        error => error.code === 401,
      )
    await eventually(refused, BELIEVED)
    await expect(api.readLease('a')).rejects.toMatchObject({ status: 401 })
    await cluster.serviceAccount(namespace, one.name)
    writeFileSync(tokenFile, (await cluster.token(one)).token)
    expect((await another.readLease('a'))?.metadata.name).toBe('a')
    const { told, tells } = watched(api, { name: 'a' })
    await tells('closed 401')
    expect(told).toEqual(['closed 401'])
    await watched(api, { name: 'a' }).tells('opened', 'ADDED a')
    expect((await api.readLease('a'))?.metadata.name).toBe('a')
  })
})
