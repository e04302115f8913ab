import { describe, expect, it } from 'vitest'
import type { LeaseObject } from '../../src/objects.ts'
import { outcome, recorded } from '../support/recorded.ts'
import type { SimulatedApi } from '../support/simulated-api.ts'
import { lease, Stage } from './stage.ts'

const watchOf = (api: SimulatedApi) => recorded<LeaseObject>(listener => api.watchLeases({ name: 'a' }, listener)).lines
const read = (api: SimulatedApi) => outcome(api.readLease('a'))

/** A fault for everybody, and one for the member alone: the other member tells them apart. */
describe.each(['everybody', 'one member'] as const)('a fault of the simulated server, for %s', whom => {
  async function opened() {
    const stage = new Stage()
    const other = stage.cluster.api()
    const faults = whom === 'everybody' ? stage.cluster.faults : stage.api.faults
    const [lines, others] = [watchOf(stage.api), watchOf(other)]
    await stage.clock.advance(10)
    const spared = (line: string) => (whom === 'everybody' ? line : 'ok')
    return { ...stage, stage, other, faults, lines, others, spared }
  }

  it('refuse: ECONNREFUSED at once, open watches break, and it heals', async () => {
    const { api, other, clock, faults, lines, others, spared } = await opened()
    faults.refuse = true
    const [own, away] = [read(api), read(other)]
    const late = watchOf(api)
    expect(late).toEqual([])
    await clock.advance(0)
    expect([own.failure, late]).toEqual(['ECONNREFUSED', ['closed ECONNREFUSED']])
    await clock.advance(10)
    expect(away.failure ?? 'ok').toBe(spared('ECONNREFUSED'))
    expect(lines).toEqual(['opened', 'closed ECONNRESET'])
    expect(others[1] ?? 'ok').toBe(spared('closed ECONNRESET'))
    faults.refuse = false
    const again = read(api)
    await clock.advance(10)
    expect(again.state).toBe('resolved')
  })

  it('refuse: what is under way is reset, whether it was done or not', async () => {
    const { api, clock, faults, cluster } = await opened()
    const [done, undone] = [outcome(api.createLease(lease('a'))), outcome(api.createLease(lease('b')))]
    await clock.advance(1.5)
    const late = outcome(api.createLease(lease('c')))
    const watch = watchOf(api)
    faults.refuse = true
    await clock.advance(10)
    expect([done, undone, late].map(one => one.failure)).toEqual(Array(3).fill('ECONNRESET'))
    expect(watch).toEqual(['closed ECONNRESET'])
    expect(cluster.leases().map(one => one.metadata.name)).toEqual(['a', 'b'])
  })

  it('cutOff: no answer until the time-out, watches silent; what missed something stays silent', async () => {
    const { api, other, clock, faults, cluster, lines, others, spared } = await opened()
    faults.cutOff = true
    const [own, away, watch] = [read(api), read(other), watchOf(api)]
    cluster.tamper('a', lease('a'))
    await clock.advance(2_999)
    expect([own.state, watch]).toEqual(['pending', []])
    await clock.advance(1)
    expect([own.failure, watch]).toEqual(['ETIMEDOUT', ['closed ETIMEDOUT']])
    expect(away.failure ?? 'ok').toBe(spared('ETIMEDOUT'))
    faults.cutOff = false
    cluster.tamper('a', undefined)
    await clock.advance(3_600_000)
    expect(lines).toEqual(['opened'])
    expect(others.length === 1).toBe(whom === 'everybody')
    const healed = read(api)
    await clock.advance(10)
    expect(healed.state).toBe('resolved')
  })

  it('cutOff: takes what is on its way, in both directions', async () => {
    const { api, clock, faults, cluster, lines } = await opened()
    const done = outcome(api.createLease(lease('a')))
    await clock.advance(1.5)
    const undone = outcome(api.createLease(lease('b')))
    faults.cutOff = true
    await clock.advance(5_000)
    expect([done.failure, undone.failure]).toEqual(['ETIMEDOUT', 'ETIMEDOUT'])
    expect(cluster.leases().map(one => one.metadata.name)).toEqual(['a'])
    faults.cutOff = false
    cluster.tamper('a', undefined)
    await clock.advance(10)
    expect(lines).toEqual(['opened'])
  })

  it('cutOff: what comes behind something that was lost on its way is lost as well', async () => {
    const { clock, faults, cluster, lines } = await opened()
    cluster.tamper('a', lease('a'))
    await clock.advance(0.5)
    cluster.tamper('a', undefined)
    faults.cutOff = true
    await clock.advance(0.6)
    faults.cutOff = false
    await clock.advance(120_000)
    expect(lines).toEqual(['opened'])
  })

  it('cutOff: a watch that missed nothing goes on', async () => {
    const { clock, faults, cluster, lines } = await opened()
    faults.cutOff = true
    await clock.advance(1_000)
    faults.cutOff = false
    cluster.tamper('a', lease('a'))
    await clock.advance(10)
    expect(lines).toEqual(['opened', 'ADDED a'])
  })

  it.each([
    [401, '401 Unauthorized'],
    [500, '500 InternalError'],
    [503, '503 ServiceUnavailable'],
  ])('status %i: each request has it, watches end', async (status, failure) => {
    const { api, other, clock, faults, lines, others, spared, cluster } = await opened()
    faults.status = status
    const [own, write, away, watch] = [read(api), outcome(api.createLease(lease('a'))), read(other), watchOf(api)]
    await clock.advance(10)
    expect([own.failure, write.failure, watch]).toEqual([failure, failure, [`closed ${failure}`]])
    expect(away.failure ?? 'ok').toBe(spared(failure))
    expect(lines).toEqual(['opened', 'closed'])
    expect(others[1] ?? 'ok').toBe(spared('closed'))
    expect(cluster.leases()).toEqual([])
  })

  it('delayMs: requests and openings arrive later; one that was given up is carried out all the same', async () => {
    const { api, clock, faults, cluster } = await opened()
    faults.delayMs = 500
    const [own, watch] = [read(api), watchOf(api)]
    await clock.advance(501)
    expect([own.state, watch]).toEqual(['pending', []])
    await clock.advance(1)
    expect([own.state, watch]).toEqual(['resolved', ['opened']])
    faults.delayMs = 4_000
    const write = outcome(api.createLease(lease('a')))
    await clock.advance(4_000)
    expect([write.failure, cluster.lease('a')]).toEqual(['ETIMEDOUT', undefined])
    await clock.advance(1)
    expect(cluster.lease('a')).toBeDefined()
  })

  it('answerDelayMs: the request is done at once, its answer comes later', async () => {
    const { api, clock, faults, cluster, lines } = await opened()
    faults.answerDelayMs = 500
    const [write, watch] = [outcome(api.createLease(lease('a'))), watchOf(api)]
    await clock.advance(1)
    expect([write.state, cluster.lease('a') !== undefined]).toEqual(['pending', true])
    // Sent without delay, and yet it overtakes nothing.
    faults.answerDelayMs = 0
    cluster.tamper('a', undefined)
    await clock.advance(500)
    expect([write.state, watch, lines]).toEqual(['pending', [], ['opened', 'ADDED a', 'DELETED a']])
    await clock.advance(1)
    expect([write.state, watch]).toEqual(['resolved', ['opened', 'ADDED a', 'DELETED a']])
  })

  it('loseWriteAnswers: so many writes are done, and look broken; reads do not count', async () => {
    const { api, clock, faults, cluster } = await opened()
    faults.loseWriteAnswers = 1
    const calls = [read(api), outcome(api.createLease(lease('a'))), outcome(api.createLease(lease('b')))]
    await clock.advance(10)
    expect(calls.map(call => call.failure)).toEqual([undefined, 'ECONNRESET', undefined])
    expect(cluster.leases()).toHaveLength(2)
    expect(faults.loseWriteAnswers).toBe(0)
  })

  it('silentWatches: watches tell nothing any more, also later; requests and new watches work', async () => {
    const { api, clock, faults, cluster, lines, others } = await opened()
    faults.silentWatches = true
    cluster.tamper('a', lease('a'))
    const [own, watch] = [read(api), watchOf(api)]
    await clock.advance(120_000)
    expect([own.state, lines, watch]).toEqual(['resolved', ['opened'], ['opened']])
    expect(others.length === 1).toBe(whom === 'everybody')
    faults.silentWatches = false
    const fresh = watchOf(api)
    await clock.advance(120_000)
    expect([lines, watch]).toEqual([['opened'], ['opened']])
    expect(fresh).toEqual(['opened', 'ADDED a', 'BOOKMARK'])
    faults.refuse = true
    await clock.advance(10)
    expect(lines).toEqual(['opened', 'closed ECONNRESET'])
  })
})
