import { once } from 'node:events'
import { Agent } from 'node:https'
import type { ApiProxy } from '@dromedary/test-servers/kubernetes'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ProxyBench, type ProxyFixture, versionsIn } from './proxy-bench.ts'

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code

/** What a proxy does to any server. */
export function proxyCases(make: () => Promise<ProxyFixture>): void {
  let fixture: ProxyFixture
  let bench: ProxyBench
  let proxy: ApiProxy

  beforeEach(async () => {
    fixture = await make()
    bench = new ProxyBench(fixture)
    proxy = fixture.proxy
    await fixture.direct.request('POST', fixture.things, fixture.thing)
  })
  afterEach(() => fixture.dispose())

  it('passes requests, answers, errors and watches, and counts them', async () => {
    using watch = await fixture.client.watch(fixture.things)
    const version = await bench.change(fixture.client)
    expect(await bench.version(fixture.direct)).toBe(version)
    expect(await bench.version(fixture.client)).toBe(version)
    await bench.saw(watch, version)
    await expect(fixture.client.request('GET', `${bench.path}-not`)).rejects.toMatchObject({
      code: 404,
      reason: 'NotFound',
    })
    expect(proxy.counts).toEqual({ watch: 1, update: 1, get: 2 })
    proxy.resetCounts()
    expect(proxy.counts).toEqual({})
  })

  it('refuses connections and ends those that are there; then listens on the same port again', async () => {
    using watch = await fixture.client.watch(fixture.things)
    await proxy.refuse()
    expect(codeOf(await bench.version(fixture.client).catch(error => error))).toBe('ECONNREFUSED')
    expect(await watch.ended).toBeInstanceOf(Error)
    await proxy.pass()
    expect(await bench.version(fixture.client)).toBeTruthy()
  })

  it('resets connections', async () => {
    using watch = await fixture.client.watch(fixture.things)
    await proxy.reset()
    expect(codeOf(await bench.version(fixture.client).catch(error => error))).toBe('ECONNRESET')
    expect(codeOf(await watch.ended)).toBe('ECONNRESET')
    await proxy.pass()
    expect(await bench.version(fixture.client)).toBeTruthy()
  })

  it('is a black hole: nothing gets through either way, nothing is closed; what was held arrives afterwards', async () => {
    using watch = await fixture.client.watch(fixture.things)
    await proxy.blackHole()
    const answer = bench.version(fixture.client)
    await bench.pending(Promise.race([answer, watch.ended]))
    expect(watch.events.filter(({ type }) => type === 'MODIFIED')).toEqual([])
    expect(proxy.counts.get).toBeUndefined()
    expect(proxy.connections).toBe(2)
    await proxy.pass()
    const version = await bench.version(fixture.direct)
    expect(await answer).toBe(version)
    await bench.saw(watch, version)
  })

  it('is a black hole for a connection that has been used before', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const [first] = await once(bench.raw('GET', agent).end(), 'response')
    first.resume()
    await once(first, 'end')
    proxy.resetCounts()
    await proxy.blackHole()
    const second = once(bench.raw('GET', agent).end(), 'response')
    await bench.pending(second)
    expect(proxy.counts).toEqual({})
    await proxy.pass()
    const [answer] = await second
    expect(answer.statusCode).toBe(200)
    expect(proxy.counts).toEqual({ get: 1 })
    expect(proxy.connections).toBe(1)
    agent.destroy()
  })

  it('answers everything with a status, which ends watches and does not reach the server', async () => {
    const before = await bench.version(fixture.direct)
    using watch = await fixture.client.watch(fixture.things)
    await proxy.status(503)
    await expect(bench.change(fixture.client)).rejects.toMatchObject({ code: 503, reason: 'ServiceUnavailable' })
    await expect(fixture.client.watch(fixture.things)).rejects.toMatchObject({ code: 503 })
    expect(await watch.ended).toBeUndefined()
    expect(await bench.version(fixture.direct)).toBe(before)
    await proxy.pass()
    expect(await bench.version(fixture.client)).toBe(before)
  })

  it('delays answers, not requests', async () => {
    using watch = await fixture.direct.watch(fixture.things)
    using late = await fixture.client.watch(fixture.things)
    proxy.delay(300)
    const started = performance.now()
    const answer = bench.change(fixture.client)
    await vi.waitFor(() => expect(watch.events.at(-1)?.type).toBe('MODIFIED'), { timeout: 20_000 })
    const version = await bench.version(fixture.direct)
    expect(versionsIn(late)).not.toContain(version)
    expect(await answer).toBe(version)
    expect(performance.now() - started).toBeGreaterThanOrEqual(299)
    await bench.saw(late, version)
  })

  it('delays requests, and sends them even if their client has given up', async () => {
    const before = await bench.version(fixture.direct)
    proxy.delayRequests(300)
    const body = JSON.stringify(await bench.changed())
    const request = bench.raw('PUT', false)
    request.on('error', () => {})
    request.end(body)
    await vi.waitFor(() => expect(proxy.counts.update).toBe(1), { interval: 5, timeout: 20_000 })
    request.destroy()
    await vi.waitFor(() => expect(proxy.connections).toBe(0), { interval: 5, timeout: 20_000 })
    expect(await bench.version(fixture.direct)).toBe(before)
    await vi.waitFor(async () => expect(await bench.version(fixture.direct)).not.toBe(before), { timeout: 5_000 })
  })

  it('loses answers to requests that are carried out', async () => {
    proxy.loseAnswers({ method: 'PUT', count: 1 })
    const before = await bench.version(fixture.client)
    await expect(bench.change(fixture.client)).rejects.toMatchObject({ code: 'ECONNRESET' })
    const after = await bench.version(fixture.client)
    expect(after).not.toBe(before)
    expect(proxy.lost).toBe(1)
    expect(await bench.change(fixture.client)).not.toBe(after)
    expect(proxy.lost).toBe(1)
  })

  it('loses answers only where the path says so', async () => {
    proxy.loseAnswers({ path: '/elsewhere/' })
    expect(await bench.version(fixture.client)).toBeTruthy()
    proxy.loseAnswers({ path: fixture.things })
    await expect(bench.version(fixture.client)).rejects.toMatchObject({ code: 'ECONNRESET' })
  })

  it('silences watches, those that are open and new ones, and nothing else', async () => {
    using open = await fixture.client.watch(fixture.things)
    proxy.silenceWatches(true)
    using late = await fixture.client.watch(fixture.things)
    const version = await bench.change(fixture.client)
    expect(await bench.version(fixture.client)).toBe(version)
    await bench.pending(Promise.race([open.ended, late.ended]))
    proxy.silenceWatches(true)
    expect([...open.events, ...late.events].filter(({ type }) => type === 'MODIFIED')).toEqual([])
    proxy.silenceWatches(false)
    await bench.saw(open, version)
    await bench.saw(late, version)
  })

  it('has nothing wrong any more after pass', async () => {
    proxy.delay(60_000)
    proxy.delayRequests(60_000)
    proxy.loseAnswers({ count: 9 })
    proxy.silenceWatches(true)
    await proxy.status(500)
    await proxy.pass()
    using watch = await fixture.client.watch(fixture.things)
    await bench.saw(watch, await bench.change(fixture.client))
  })

  it('goes from any state to any other', async () => {
    await proxy.refuse()
    await proxy.status(429)
    await expect(bench.version(fixture.client)).rejects.toMatchObject({ code: 429, reason: 'TooManyRequests' })
    await proxy.refuse()
    await proxy.reset()
    await expect(bench.version(fixture.client)).rejects.toMatchObject({ code: 'ECONNRESET' })
    await proxy.blackHole()
    const answer = bench.version(fixture.client)
    await bench.pending(answer)
    await proxy.refuse()
    await expect(answer).rejects.toMatchObject({ code: 'ECONNRESET' })
    await proxy.blackHole()
    const held = bench.version(fixture.client)
    await bench.pending(held)
    await proxy.status(503)
    await expect(held).rejects.toMatchObject({ code: 503 })
  })
}
