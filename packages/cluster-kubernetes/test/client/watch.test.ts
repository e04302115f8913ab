import type { ServerResponse } from 'node:http'
import { eventually } from '@dromedary/testing'
import { describe, expect, it } from 'vitest'
import type { ApiFailure, KubernetesApi, Watch, WatchListener, WatchSelector } from '../../src/api.ts'
import type { LeaseObject } from '../../src/objects.ts'
import { refuse, SmallServer, stored } from './small-server.ts'

function recorded(api: KubernetesApi, selector: WatchSelector = { name: 'a' }) {
  const told: string[] = []
  const objects: LeaseObject[] = []
  const failures: (ApiFailure | undefined)[] = []
  const listener: WatchListener<LeaseObject> = {
    opened: () => void told.push('opened'),
    event(type, object) {
      told.push(type)
      objects.push(object)
    },
    closed(failure) {
      told.push('closed')
      failures.push(failure)
    },
  }
  const watch: Watch = api.watchLeases(selector, listener)
  return { told, objects, failures, watch }
}

/** A server whose watch is open, and what it sends on it. */
async function open() {
  const opened = Promise.withResolvers<ServerResponse>()
  const server = await SmallServer.start((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    opened.resolve(response)
  })
  const api = server.connect({ connectionTimeout: 500 })
  const watch = recorded(api)
  expect(watch.told).toEqual([])
  const response = await opened.promise
  await eventually(() => watch.told.length === 1)
  return { server, api, response, ...watch }
}

const line = (type: string, object: unknown) => `${JSON.stringify({ type, object })}\n`

describe('a watch', () => {
  it.each<readonly [string, WatchSelector, Record<string, string>]>([
    ['of one Lease', { name: 'a' }, { fieldSelector: 'metadata.name=a' }],
    ['of all with a label', { label: 'dromedary/cluster=x' }, { labelSelector: 'dromedary/cluster=x' }],
  ])('%s asks for the newest state and bookmarks, without a version', async (_, selector, query) => {
    const server = await SmallServer.start((_, response) => response.writeHead(200).flushHeaders())
    recorded(server.connect(), selector)
    await server.arrived(1)
    const [seen] = server.seen
    expect(seen?.url.pathname).toBe('/apis/coordination.k8s.io/v1/namespaces/default/leases')
    expect(Object.fromEntries(seen?.url.searchParams ?? [])).toEqual({
      watch: 'true',
      allowWatchBookmarks: 'true',
      ...query,
    })
    expect(seen?.headers.authorization).toBe('Bearer secret')
  })

  it('tells each event, also of lines that come in pieces, in the middle of a letter', async () => {
    const { told, objects, response } = await open()
    const lease = { ...stored(), metadata: { ...stored().metadata, annotations: { note: 'Dromedär 🐪' } } }
    const events = ['ADDED', 'MODIFIED', 'DELETED'].map(type => line(type, lease))
    const bytes = Buffer.from(events.join('') + line('BOOKMARK', { metadata: {} }))
    const camel = Buffer.from('🐪')
    for (let sent = 0, lines = 1, cut = 0; sent < bytes.length; sent = cut) {
      const found = bytes.indexOf(camel, sent + camel.length)
      cut = found < 0 ? bytes.length : found + 2
      response.write(bytes.subarray(sent, cut))
      // Each piece ends in the middle of a letter, behind whole lines that have arrived.
      await eventually(() => objects.length + 1 >= lines)
      lines++
    }
    await eventually(() => told.length === 5)
    expect(told).toEqual(['opened', 'ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK'])
    expect(objects.slice(0, 3)).toEqual([lease, lease, lease])
  })

  it('tells many events of one piece', async () => {
    const { told, response } = await open()
    response.write(line('MODIFIED', stored()).repeat(1000))
    await eventually(() => told.length === 1001)
  })

  it('stays open beyond the connection time-out', async () => {
    const { told, response } = await open()
    await new Promise(resolve => setTimeout(resolve, 700))
    response.write(line('ADDED', stored()))
    await eventually(() => told.length === 2)
    expect(told).toEqual(['opened', 'ADDED'])
  })

  it('is closed once by an ERROR of the server, with its status, and tells nothing after', async () => {
    const { told, failures, response, server } = await open()
    const status = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version: 1 (2)' }
    response.write(line('ERROR', status) + line('ADDED', stored()))
    await eventually(() => told.length === 2)
    expect(failures).toMatchObject([{ name: 'ApiFailure', status: 410, reason: 'Expired', message: status.message }])
    await eventually(() => server.sockets.size === 0)
    expect(told).toEqual(['opened', 'closed'])
  })

  it('is closed without a failure when the server ends it in order', async () => {
    const { told, failures, response } = await open()
    response.end()
    await eventually(() => told.length === 2)
    expect(failures).toEqual([undefined])
  })

  it('is closed with a failure when its connection breaks', async () => {
    const { failures, told, server } = await open()
    for (const socket of server.sockets) socket.destroy()
    await eventually(() => told.length === 2)
    expect(failures).toMatchObject([{ name: 'ApiFailure', status: undefined, reason: 'ECONNRESET' }])
  })

  it.each(['<html>\n', '{"type":"ADDED"\n', 'null\n'])(
    'is closed once, with a failure, by a line that is none: %j',
    async text => {
      const { told, failures, response } = await open()
      response.write(text + line('ADDED', stored()))
      await eventually(() => told.includes('closed'))
      expect(failures).toHaveLength(1)
      expect(failures[0]?.name).toBe('ApiFailure')
      expect(told.filter(one => one === 'closed')).toHaveLength(1)
    },
  )

  it('is closed by a line of more than 8 MiB', async () => {
    const { told, failures, response } = await open()
    response.write('x'.repeat(9 * 1024 * 1024))
    await eventually(() => told.includes('closed'), { within: 12_000 })
    expect(failures).toMatchObject([{ reason: 'EMSGSIZE' }])
  })

  it.each([
    [403, 'Forbidden'],
    [404, 'NotFound'],
    [429, 'TooManyRequests'],
  ])('that is refused with %d never opens, and says why', async (status, reason) => {
    const server = await SmallServer.start((_, response) => refuse(response, status, reason, 'no'))
    const { told, failures } = recorded(server.connect())
    await eventually(() => told.length === 1)
    expect(told).toEqual(['closed'])
    expect(failures).toMatchObject([{ status, reason, message: 'no' }])
  })

  it('that is not accepted within the connection time-out is closed', async () => {
    const server = await SmallServer.start(() => {})
    const { told, failures } = recorded(server.connect({ connectionTimeout: 200 }))
    await eventually(() => told.length === 1)
    expect(failures).toMatchObject([{ reason: 'ETIMEDOUT', status: undefined }])
    await eventually(() => server.sockets.size === 0)
  })

  it('that is closed tells nothing more, and its connection ends', async () => {
    const { told, watch, response, server } = await open()
    watch.close()
    watch.close()
    response.write(line('ADDED', stored()))
    await eventually(() => server.sockets.size === 0)
    expect(told).toEqual(['opened'])
  })

  it('that is closed before it opened tells nothing', async () => {
    const server = await SmallServer.start((_, response) => response.writeHead(200).flushHeaders())
    const { told, watch } = recorded(server.connect())
    watch.close()
    const after = recorded(server.connect())
    await eventually(() => after.told.length === 1)
    expect(told).toEqual([])
  })
})
