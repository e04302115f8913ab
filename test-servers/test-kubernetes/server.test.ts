import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type KubernetesServer, startKubernetes } from '@dromedary/test-servers/kubernetes'
import { sharedKubernetes } from '@dromedary/test-servers/kubernetes/vitest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const MAPS = '/api/v1/namespaces/default/configmaps'

describe.skipIf(!sharedKubernetes().owned)('a server of our own', () => {
  let server: KubernetesServer
  beforeAll(async () => {
    server = await startKubernetes()
  })
  afterAll(() => server[Symbol.asyncDispose]())

  const names = async () => {
    const { items } = await server.request<{ items: { metadata: { name: string } }[] }>('GET', MAPS)
    return items.map(({ metadata }) => metadata.name)
  }
  const make = (name: string) => server.request('POST', MAPS, { metadata: { name } })

  it('is the version that it says', async () => {
    const { gitVersion } = await server.request<{ gitVersion: string }>('GET', '/version')
    expect(gitVersion).toBe('v1.37.2')
  })

  it('has its data and its port after a restart, and after it was killed', async () => {
    const { url } = server
    await make('before')
    await server.restart()
    expect(await names()).toContain('before')
    await make('between')
    await server.kill()
    expect(server.running).toBe(false)
    await expect(names()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await server.start()
    expect(await names()).toEqual(expect.arrayContaining(['before', 'between']))
    expect(server.url).toBe(url)
  })

  it('goes back in time with a backup, and again', async () => {
    await make('kept')
    await server.stop()
    const backup = server.backup()
    await server.start()
    await make('lost')
    for (let time = 0; time < 2; time++) {
      await server.stop()
      const later = join(server.folder, 'etcd/member/later')
      writeFileSync(later, '')
      server.restore(backup)
      expect(existsSync(later)).toBe(false)
      await server.start()
      expect(await names()).toContain('kept')
      expect(await names()).not.toContain('lost')
    }
  })

  it('refuses to touch the data while it runs, and to start twice', async () => {
    expect(() => server.backup()).toThrow('stop it first')
    expect(() => server.restore({ folder: server.folder })).toThrow('stop it first')
    await expect(server.start()).rejects.toThrow('runs already')
  })

  it('ends in order though somebody watches', async () => {
    using watch = await server.client.watch(MAPS)
    await server.stop()
    await watch.ended
    expect(server.pids).toEqual([])
    await server.start()
  })

  it('keeps its audit log through a restart', async () => {
    const mark = server.auditMark()
    const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases'
    await server.request('GET', `${leases}?limit=1`)
    await server.restart()
    await server.request('GET', `${leases}?limit=2`)
    await expect
      .poll(() => server.audit(mark, { user: 'admin', namespace: 'default' }).map(({ uri }) => uri))
      .toEqual([`${leases}?limit=1`, `${leases}?limit=2`])
  })

  it('stands still and goes on', async () => {
    server.pause()
    const answer = names()
    const first = await Promise.race([answer, new Promise(resolve => setTimeout(resolve, 300, 'nothing'))])
    expect(first).toBe('nothing')
    server.resume()
    expect(await answer).toBeInstanceOf(Array)
  })
})

describe.skipIf(!sharedKubernetes().owned)('startKubernetes', () => {
  it('leaves nothing behind', async () => {
    const server = await startKubernetes()
    const { folder, pids } = server
    expect(existsSync(folder)).toBe(true)
    await server[Symbol.asyncDispose]()
    expect(existsSync(folder)).toBe(false)
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })

  it('says why the server did not start', async () => {
    await expect(startKubernetes({ flags: ['--no-such-flag'] })).rejects.toThrow(
      /ended before it was ready; the last lines of its log:[\s\S]*no-such-flag/,
    )
  })

  it('starts several servers, each with ports of its own', async () => {
    const servers = await Promise.all([startKubernetes(), startKubernetes()])
    expect(new Set(servers.map(({ url }) => url)).size).toBe(2)
    await Promise.all(servers.map(one => one[Symbol.asyncDispose]()))
  })
})
