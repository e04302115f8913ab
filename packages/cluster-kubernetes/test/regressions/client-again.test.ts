import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '@dromedary/core'
import { afterAll, afterEach, expect, it } from 'vitest'
import { connectApi } from '../../src/client/connect.ts'

const dir = mkdtempSync(join(tmpdir(), 'dromedary-client-'))
afterAll(() => rmSync(dir, { recursive: true }))
const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const c of cleanups.splice(0)) await c()
})

async function server(handler: http.RequestListener): Promise<string> {
  const s = http.createServer(handler)
  await new Promise<void>(resolve => s.listen(0, '127.0.0.1', () => resolve()))
  cleanups.push(() => {
    s.closeAllConnections()
    s.close()
  })
  return `http://127.0.0.1:${(s.address() as AddressInfo).port}`
}

function connect(url: string, user: object, connectionTimeout = 1_000) {
  const kubeconfig = join(dir, `config-${Math.random()}`)
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'c', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'u', user }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace: 'default' } }],
      'current-context': 'x',
    }),
  )
  const api = connectApi({ kubeconfig, connectionTimeout, clock: systemClock })
  cleanups.push(() => api.close())
  return api
}

/** As an API server with anonymous requests allowed, which is the default. */
const apiServer: http.RequestListener = (request, response) => {
  const { authorization } = request.headers
  const status = authorization === 'Bearer good' ? 404 : authorization === undefined ? 403 : 401
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ kind: 'Status', message: status === 404 ? 'leases "a" not found' : `said ${status}` }))
}
const ask = (api: ReturnType<typeof connect>) => api.readLease('a').then(String, e => String(e.message))

it('token and tokenFile: as for kubectl, the file counts', async () => {
  const url = await server(apiServer)
  writeFileSync(join(dir, 'token'), 'good\n')
  const api = connect(url, { token: 'stale', tokenFile: join(dir, 'token') })
  expect(await ask(api)).toBe('undefined')
})

it('a token file that was empty while it was written costs one request, not a minute', async () => {
  const url = await server(apiServer)
  writeFileSync(join(dir, 'token2'), '')
  const api = connect(url, { tokenFile: join(dir, 'token2') })
  await ask(api)
  writeFileSync(join(dir, 'token2'), 'good')
  const then: string[] = []
  for (let at = 0; at < 5; at++) then.push(await ask(api))
  expect(then.at(-1)).toBe('undefined')
})

it('a request ends within the connection time-out, also if it is asked again after a 401', async () => {
  let count = 0
  const url = await server(async (_, response) => {
    if (count++ > 0) return
    await sleep(900)
    response.writeHead(401, { 'content-type': 'application/json' })
    response.end('{"kind":"Status","message":"no"}')
  })
  const api = connect(url, { token: 't' })
  const began = Date.now()
  await ask(api)
  expect(Date.now() - began).toBeLessThan(1_700)
})

it('another user without credentials (`user: null`) does not make a kubeconfig unusable', async () => {
  const url = await server(apiServer)
  const kubeconfig = join(dir, 'config-null')
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      clusters: [{ name: 'c', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
      users: [
        { name: 'u', user: { token: 'good' } },
        { name: 'other', user: null },
      ],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    }),
  )
  const { KubeConfig } = await import('@kubernetes/client-node')
  const plain = new KubeConfig()
  plain.loadFromFile(kubeconfig)
  expect(plain.getCurrentUser()?.token).toBe('good')
  const api = connectApi({ kubeconfig, connectionTimeout: 1_000, clock: systemClock })
  cleanups.push(() => api.close())
  expect(await ask(api)).toBe('undefined')
})
