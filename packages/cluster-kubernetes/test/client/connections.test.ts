import { eventually } from '@dromedary/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ApiFailure, KubernetesApi, WatchListener } from '../../src/api.ts'
import type { LeaseObject } from '../../src/objects.ts'
import { json, refuse, SmallServer, stored } from './small-server.ts'

const ok = (server: SmallServer) => {
  server.answers = (_, response) => json(response, 200, stored())
}

const reasonOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'resolved',
    (error: ApiFailure) => error.reason,
  )

function watch(api: KubernetesApi) {
  const told: string[] = []
  const listener: WatchListener<LeaseObject> = {
    opened: () => void told.push('opened'),
    event: type => void told.push(type),
    closed: failure => void told.push(`closed ${failure?.reason ?? failure?.status ?? ''}`.trim()),
  }
  return { told, watch: api.watchLeases({ name: 'a' }, listener) }
}

describe('connections', () => {
  it('are kept: requests one after the other need one', async () => {
    const server = await SmallServer.start()
    ok(server)
    const api = server.connect()
    for (let asked = 0; asked < 10; asked++) await api.readLease('a')
    expect(server.connections).toBe(1)
  })

  it('are not shared by watches and requests: nothing waits behind a watch', async () => {
    const server = await SmallServer.start(({ url }, response) => {
      if (url.searchParams.get('watch')) response.writeHead(200).flushHeaders()
      else json(response, 200, stored())
    })
    const api = server.connect()
    const watches = [watch(api), watch(api), watch(api)]
    await eventually(() => watches.every(({ told }) => told.length === 1))
    await Promise.all([api.readLease('a'), api.readLease('b')])
    expect(new Set(server.seen.map(({ connection }) => connection)).size).toBe(5)
  })

  it('a request that hangs is given up after connectionTimeout, and the next one has a fresh connection', async () => {
    const server = await SmallServer.start()
    ok(server)
    const api = server.connect({ connectionTimeout: 300 })
    // Two that are idle afterwards.
    await Promise.all([api.readLease('a'), api.readLease('b')])
    const before = server.connections
    server.answers = () => {}
    const began = performance.now()
    expect(await reasonOf(api.readLease('a'))).toBe('ETIMEDOUT')
    expect(performance.now() - began).toBeGreaterThan(280)
    ok(server)
    await api.readLease('a')
    expect(server.seen.at(-1)?.connection).toBe(before + 1)
  })

  it('an answer that begins and does not end is given up as well', async () => {
    const server = await SmallServer.start((_, response) => {
      response.writeHead(200)
      response.write('{')
    })
    expect(await reasonOf(server.connect({ connectionTimeout: 200 }).readLease('a'))).toBe('ETIMEDOUT')
    await eventually(() => server.sockets.size === 0)
  })

  it('that the server has closed are not used again', async () => {
    const server = await SmallServer.start()
    ok(server)
    const api = server.connect()
    await api.readLease('a')
    for (const socket of server.sockets) socket.destroy()
    await eventually(() => server.sockets.size === 0)
    await api.readLease('a')
    expect(server.connections).toBe(2)
  })
})

describe('close', () => {
  it('gives up what is under way and what comes later, ends watches without a word, and closes each connection', async () => {
    const server = await SmallServer.start(({ url }, response) => {
      if (url.searchParams.get('watch')) response.writeHead(200).flushHeaders()
      else if (url.pathname.endsWith('idle')) json(response, 200, stored())
    })
    const api = server.connect()
    await api.readLease('idle')
    const { told } = watch(api)
    const hanging = reasonOf(api.readLease('a'))
    await server.arrived(3)
    await eventually(() => told.length === 1)
    api.close()
    expect(await hanging).toBe('ECANCELED')
    expect(await reasonOf(api.readLease('a'))).toBe('ECANCELED')
    const late = watch(api)
    await eventually(() => server.sockets.size === 0)
    expect([told, late.told, server.seen.length]).toEqual([['opened'], [], 3])
    api.close()
  })

  it('leaves nothing behind of thousands of requests and watches, and warns of no leak', async () => {
    const warnings: string[] = []
    const listener = ({ name }: Error) => void warnings.push(name)
    process.on('warning', listener)
    onTestFinished(() => void process.off('warning', listener))
    const server = await SmallServer.start(({ url }, response) => {
      if (url.searchParams.get('watch')) refuse(response, 410, 'Expired', 'too old')
      else json(response, 200, stored())
    })
    const api = server.connect()
    for (let round = 0; round < 40; round++) {
      const watches = Array.from({ length: 25 }, () => watch(api))
      await Promise.all(Array.from({ length: 25 }, () => api.readLease('a')))
      await eventually(() => watches.every(({ told }) => told.length === 1))
    }
    expect(server.sockets.size).toBeLessThanOrEqual(50)
    api.close()
    await eventually(() => server.sockets.size === 0)
    expect(warnings).toEqual([])
  })
})
