import { expect, it } from 'vitest'
import { ApiFailure } from '../../src/api.ts'
import { kubernetesFixture } from '../support/fixture.ts'
import { compete, wrapped } from '../support/wrapped.ts'

it('watches that open and are reset at once (a balancer that allows no long answers) are tried with a growing pause', async () => {
  const fx = kubernetesFixture()
  let opened = 0
  const a = fx.member({
    connect: async () =>
      wrapped(fx.apiOf(a), {
        watchLeases: (_selector, listener) => {
          opened++
          const timer = fx.clock.setTimeout(() => {
            listener.opened()
            listener.closed(new ApiFailure('reset', { reason: 'ECONNRESET' }))
          }, 5)
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
  await fx.advance(60_000)
  expect(opened).toBeLessThan(30)
}, 60_000)

it('a follower whose Lease loses and gets its label again and again reads at most as often as it tries', async () => {
  const fx = kubernetesFixture()
  const put = (labelled: boolean) =>
    fx.cluster.tamper('dromedary-two', {
      metadata: { name: 'dromedary-two', labels: labelled ? { 'dromedary/cluster': 'dromedary' } : {} },
      spec: { holderIdentity: 'client-go', leaseDurationSeconds: 15 },
    })
  put(true)
  const a = fx.member()
  await a.start()
  compete(a, 'one')
  compete(a, 'two')
  for (let at = 0; at < 10; at++) {
    await fx.advance(2_000)
    put(true)
  }
  fx.cluster.requests.reset()
  for (let at = 0; at < 3_000; at++) {
    put(at % 2 === 0)
    await fx.advance(20)
  }
  const reads = fx.cluster.requests.count({ verb: 'get', name: 'dromedary-two' })
  expect(reads).toBeLessThan(130)
}, 60_000)

it('a leader whose token is bound to no pod makes 30 requests a minute', async () => {
  const fx = kubernetesFixture()
  const a = fx.member({
    connect: async () => wrapped(fx.apiOf(a), { ownPodUid: async () => void asked++ as undefined }),
  })
  let asked = 0
  await a.start()
  compete(a)
  await fx.advance(120_000)
  fx.cluster.requests.reset()
  asked = 0
  await fx.advance(60_000)
  expect(fx.cluster.requests.count() + asked).toBeLessThanOrEqual(31)
})

it('a server that is away is tried once a retry period, also by who has to release', async () => {
  const fx = kubernetesFixture()
  let tries = 0
  const a = fx.member({
    connect: async () =>
      wrapped(fx.apiOf(a), {
        replaceLease: lease => {
          tries++
          return fx.apiOf(a).replaceLease(lease)
        },
        readLease: name => {
          tries++
          return fx.apiOf(a).readLease(name)
        },
      }),
  })
  await a.start()
  compete(a)
  await fx.advance(10_000)
  fx.breakStore?.()
  await fx.advance(60_000)
  tries = 0
  await fx.advance(60_000)
  fx.healStore?.()
  expect(tries).toBeLessThan(35)
})

it('who resigned and cannot release does not lead again before its stand-back', async () => {
  const fx = kubernetesFixture()
  const a = fx.member()
  await a.start()
  const as = compete(a)
  await fx.advance(10_000)
  const before = as.length
  fx.apiOf(a).faults.loseWriteAnswers = 3
  as.at(-1)?.resign('x')
  let took = 0
  while (as.length === before && took < 60_000) {
    await fx.advance(20)
    took += 20
  }
  expect(took).toBeGreaterThan(3_500)
})

it('drained while a follower-to-be reads (renewals failed): release and new acquisition do not cross', async () => {
  const fx = kubernetesFixture()
  const a = fx.member({ onLease: e => void events.push(`${fx.clock.monotonic()} ${e.type} ${e.term}`) })
  const events: string[] = []
  await a.start()
  const all: import('@dromedary/core/cluster').Leadership[] = []
  a.campaign('ns', { participant: 'route' }).leadership.subscribe(l => void (l && all.push(l)))
  await fx.advance(10_000)
  fx.cluster.faults.status = 503
  while (!all.at(-1)?.closing.aborted) await fx.advance(20)
  fx.cluster.faults.heal()
  fx.cluster.faults.answerDelayMs = 400
  fx.cluster.requests.reset()
  while (fx.cluster.requests.count({ verb: 'get', resource: 'leases' }) === 0 && !all.at(-1)?.ended.aborted)
    await fx.advance(20)
  await fx.advance(350)
  all.at(-1)?.drained()
  await fx.advance(5_000)
  fx.cluster.faults.heal()
  await fx.advance(5_000)
  expect(all.at(-1)?.isValid()).toBe(true)
})
