import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '@dromedary/core'
import { eventually } from '@dromedary/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { connectApi } from '../../src/client/connect.ts'
import { createKubernetesClusterService } from '../../src/index.ts'

const dir = mkdtempSync(join(tmpdir(), 'dromedary-client-'))
const kubeconfig = join(dir, 'config')
const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const c of cleanups.splice(0)) await c()
})

async function server(handler: http.RequestListener): Promise<{ url: string; sockets: Set<Socket> }> {
  const sockets = new Set<Socket>()
  const s = http.createServer(handler)
  s.on('connection', socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>(resolve => s.listen(0, '127.0.0.1', () => resolve()))
  cleanups.push(() => {
    s.closeAllConnections()
    s.close()
  })
  return { url: `http://127.0.0.1:${(s.address() as AddressInfo).port}`, sockets }
}

function config(url: string, user: object): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace: 'default' } }],
    'current-context': 'x',
  })
}

const children = (command: string): number =>
  spawnSync('ps', ['--ppid', String(process.pid), '-o', 'args='], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter(line => line.includes(command)).length

describe('client', () => {
  it('a watch that is refused with 401 while the kubeconfig is being rewritten rejects nothing unhandled', async () => {
    const { url } = await server((_, response) => {
      response.writeHead(401, { 'content-type': 'application/json' })
      response.end('{"kind":"Status","message":"Unauthorized"}')
    })
    writeFileSync(kubeconfig, config(url, { token: 't' }))
    const api = connectApi({ kubeconfig, connectionTimeout: 1_000, clock: systemClock })
    const unhandled: unknown[] = []
    const listener = (reason: unknown) => void unhandled.push(reason)
    const others = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection')
    process.on('unhandledRejection', listener)
    // Half written.
    writeFileSync(kubeconfig, config(url, { token: 't' }).slice(0, 60))
    const closed: unknown[] = []
    const watch = api.watchLeases({ name: 'a' }, { opened() {}, event() {}, closed: f => void closed.push(f?.message) })
    await eventually(() => closed.length > 0 || unhandled.length > 0)
    const early = [...closed]
    watch.close()
    api.close()
    process.removeListener('unhandledRejection', listener)
    for (const other of others) process.on('unhandledRejection', other)
    expect(unhandled.map(String)).toEqual([])
    expect(early).toHaveLength(1)
  })

  it('an exec plugin that hangs is not started again for each try', async () => {
    writeFileSync(
      kubeconfig,
      config('http://127.0.0.1:1', {
        exec: {
          apiVersion: 'client.authentication.k8s.io/v1',
          command: 'sleep',
          args: ['31.4159'],
          interactiveMode: 'Never',
        },
      }),
    )
    const member = createKubernetesClusterService({
      kubeconfig,
      podName: 'p',
      leaseDuration: 4_000,
      renewDeadline: 2_500,
      retryPeriod: 500,
      env: {},
    })
    await member.start()
    member.campaign('ns', { participant: 'r' })
    await sleep(6_000)
    const during = children('31.4159')
    await member.stop({ drainMs: 0 })
    for (const line of spawnSync('ps', ['--ppid', String(process.pid), '-o', 'pid=,args='], {
      encoding: 'utf8',
    }).stdout.split('\n')) {
      if (line.includes('31.4159')) process.kill(Number.parseInt(line, 10))
    }
    // The library starts it, and nobody can end it but itself.
    expect(during).toBe(1)
  }, 20_000)

  it('an exec plugin that once prints something else works again when it does', async () => {
    const { url } = await server((request, response) => {
      const ok = request.headers.authorization === 'Bearer good'
      response.writeHead(ok ? 404 : 401, { 'content-type': 'application/json' })
      response.end('{"kind":"Status","message":"leases \\"a\\" not found"}')
    })
    const marker = join(dir, 'token.json')
    writeFileSync(marker, '{"kind":"Status"}')
    writeFileSync(
      kubeconfig,
      config(url, {
        exec: {
          apiVersion: 'client.authentication.k8s.io/v1',
          command: 'cat',
          args: [marker],
          interactiveMode: 'Never',
        },
      }),
    )
    const api = connectApi({ kubeconfig, connectionTimeout: 1_000, clock: systemClock })
    cleanups.push(() => api.close())
    await api.readLease('a').catch(() => {})
    writeFileSync(marker, JSON.stringify({ kind: 'ExecCredential', status: { token: 'good' } }))
    const results: string[] = []
    for (let at = 0; at < 3; at++) results.push(await api.readLease('a').then(String, e => String(e.message)))
    expect(results.at(-1)).toBe('undefined')
  })

  it('connections of before a certificate rotated are not kept after close()', async () => {
    const { url, sockets } = await server((_, response) => {
      response.writeHead(404, { 'content-type': 'application/json' })
      response.end('{"kind":"Status","message":"leases \\"a\\" not found"}')
    })
    const ca = join(dir, 'cert')
    const key = join(dir, 'key')
    writeFileSync(ca, 'one')
    writeFileSync(key, 'one')
    writeFileSync(kubeconfig, config(url, { 'client-certificate': ca, 'client-key': key }))
    const api = connectApi({ kubeconfig, connectionTimeout: 1_000, clock: systemClock })
    for (let at = 0; at < 5; at++) {
      writeFileSync(ca, `cert ${at}`)
      await api.readLease('a')
    }
    api.close()
    await eventually(() => sockets.size === 0)
  })

  it.each(['', 'null'])(
    'an answer 200 without a Lease (%j, from a proxy) is a failure, not a Lease that vanished',
    async text => {
      const { url } = await server((_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' })
        response.end(text)
      })
      writeFileSync(kubeconfig, config(url, { token: 't' }))
      const api = connectApi({ kubeconfig, connectionTimeout: 1_000, clock: systemClock })
      cleanups.push(() => api.close())
      const result = await api.readLease('a').then(
        value => JSON.stringify(value) ?? 'undefined',
        () => 'failure',
      )
      expect(result).toBe('failure')
    },
  )

  it('opens nothing after close()', async () => {
    const { url, sockets } = await server((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.write('{"type":"BOOKMARK","object":{}}\n')
    })
    writeFileSync(kubeconfig, config(url, { token: 't' }))
    const api = connectApi({ kubeconfig, connectionTimeout: 1_000, clock: systemClock })
    api.close()
    const closed: unknown[] = []
    api.watchLeases(
      { name: 'a' },
      { opened: () => void closed.push('opened'), event() {}, closed: f => void closed.push(f?.reason) },
    )
    await sleep(300)
    expect(sockets.size).toBe(0)
    expect(closed).not.toContain('opened')
  })
})

process.on('exit', () => rmSync(dir, { recursive: true, force: true }))
