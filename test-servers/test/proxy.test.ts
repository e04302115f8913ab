import { startProxy } from '@dromedary/test-servers/kubernetes'
import { describe, expect, it, vi } from 'vitest'
import { proxyCases } from './support/proxy-cases.ts'
import { SmallApi, THINGS } from './support/small-api.ts'

async function fixture() {
  const api = new SmallApi()
  await api.start()
  const proxy = await startProxy(api.target)
  return {
    api,
    proxy,
    client: api.client(proxy.url),
    direct: api.client(),
    things: THINGS,
    thing: { metadata: { name: 'one' } },
    async dispose() {
      await proxy[Symbol.asyncDispose]()
      await api[Symbol.asyncDispose]()
    },
  }
}

describe('a proxy before a small server', () => {
  proxyCases(fixture)

  it('tells the server when a watch has no reader any more', async () => {
    const { api, client, dispose } = await fixture()
    const watch = await client.watch(THINGS)
    expect(api.watches).toBe(1)
    watch[Symbol.dispose]()
    await vi.waitFor(() => expect(api.watches).toBe(0), { timeout: 20_000 })
    await dispose()
  })

  it('breaks what the server breaks', async () => {
    const { api, client, dispose } = await fixture()
    const watch = await client.watch(THINGS)
    await api[Symbol.asyncDispose]()
    expect(await watch.ended).toBeInstanceOf(Error)
    await expect(client.request('GET', THINGS)).rejects.toMatchObject({ code: 'ECONNRESET' })
    await dispose()
  })
})
