import { describe, expect, it } from 'vitest'
import { ApiFailure } from '../../src/api.ts'
import { kubernetesFixture } from '../support/fixture.ts'
import { compete, wrapped } from '../support/wrapped.ts'

describe('the feed', () => {
  it('a common watch that is cut for a moment does not become one watch for each namespace, for ever', async () => {
    const fx = kubernetesFixture()
    const a = fx.member()
    const b = fx.member()
    await a.start()
    for (let at = 0; at < 20; at++) compete(a, `ns-${at}`)
    await fx.advance(10_000)
    await b.start()
    for (let at = 0; at < 20; at++) compete(b, `ns-${at}`)
    await fx.advance(60_000)
    const before = fx.cluster.openWatches
    fx.apiOf(b).faults.cutOff = true
    await fx.advance(4_000)
    fx.apiOf(b).faults.heal()
    await fx.advance(600_000)
    expect(fx.cluster.openWatches).toBeLessThanOrEqual(before + 2)
  }, 60_000)

  it('everybody leaves and others come while the right to watch all is asked for: one common watch', async () => {
    const fx = kubernetesFixture()
    let open = 0
    const a = fx.member({
      connect: async () =>
        wrapped(fx.apiOf(a), {
          may: async right => {
            await new Promise<void>(resolve => fx.clock.setTimeout(() => resolve(), 2_000))
            return fx.apiOf(a).may(right)
          },
          watchLeases: (selector, listener) => {
            if (!('label' in selector)) return fx.apiOf(a).watchLeases(selector, listener)
            open++
            const watch = fx.apiOf(a).watchLeases(selector, listener)
            return {
              close() {
                open--
                watch.close()
              },
            }
          },
        }),
    })
    await a.start()
    const first = ['one', 'two'].map(ns => a.observe(ns).subscribe(() => {}))
    await fx.advance(100)
    const campaigns = ['three', 'four'].map(ns => a.campaign(ns, { participant: 'r' }))
    for (const s of first) s.unsubscribe()
    for (const c of campaigns) void c[Symbol.asyncDispose]()
    // Their rounds see it.
    for (const ns of ['one', 'two'])
      a.observe(ns)
        .subscribe(() => {})
        .unsubscribe()
    await fx.advance(200)
    for (const ns of ['five', 'six']) a.observe(ns).subscribe(() => {})
    await fx.advance(60_000)
    expect(open).toBe(1)
  })

  it('watches that something on the way resets at once are tried with a growing pause', async () => {
    const fx = kubernetesFixture()
    let opened = 0
    const a = fx.member({
      connect: async () =>
        wrapped(fx.apiOf(a), {
          watchLeases: (_selector, listener) => {
            opened++
            const timer = fx.clock.setTimeout(
              () => listener.closed(new ApiFailure('reset', { reason: 'ECONNRESET' })),
              5,
            )
            return { close: () => timer.cancel() }
          },
        }),
    })
    await a.start()
    for (let at = 0; at < 30; at++) {
      compete(a, `ns-${at}`)
      await fx.advance(60)
    }
    await fx.advance(120_000)
    opened = 0
    fx.cluster.requests.reset()
    await fx.advance(60_000)
    expect(opened).toBeLessThan(30)
  })

  it('a watch that was opened anew by itself is not opened once more by the next read', async () => {
    const fx = kubernetesFixture()
    const a = fx.member({ random: () => 0 })
    await a.start()
    compete(a)
    // 1,900 ms before a renewal; the pause before the new try is 1,600 ms.
    await fx.advance(20_100)
    fx.cluster.requests.reset()
    // reset
    fx.apiOf(a).faults.refuse = true
    fx.apiOf(a).faults.refuse = false
    await fx.advance(30_000)
    expect(fx.cluster.requests.count({ verb: 'watch', resource: 'leases' })).toBe(1)
  })
})
