import { describe, expect, it } from 'vitest'
import { kubernetesFixture } from '../support/fixture.ts'
import { compete } from '../support/wrapped.ts'

describe('a release that cannot be written', () => {
  it('without the right to update the Lease is not written twice a second for ever', async () => {
    const fx = kubernetesFixture()
    const a = fx.member()
    const b = fx.member()
    await a.start()
    compete(a)
    await fx.advance(5_000)
    await b.start()
    const bs = compete(b)
    await fx.advance(5_000)
    fx.apiOf(a).rights.revoke({ verb: 'update' })
    await fx.advance(60_000)
    expect(bs.at(-1)?.isValid()).toBe(true)
    fx.cluster.requests.reset()
    await fx.advance(60_000)
    expect(fx.cluster.requests.count({ member: 'pod-1', verb: 'update' })).toBeLessThan(35)
  })

  it('... and a member of which nothing campaigns any more does not go on', async () => {
    const fx = kubernetesFixture()
    const a = fx.member()
    await a.start()
    const campaign = a.campaign('ns', { participant: 'r' })
    campaign.leadership.subscribe(l => l?.closing.addEventListener('abort', () => l.drained()))
    await fx.advance(5_000)
    fx.apiOf(a).rights.revoke({ verb: 'update' })
    void campaign[Symbol.asyncDispose]()
    await fx.advance(120_000)
    fx.cluster.requests.reset()
    await fx.advance(60_000)
    expect(fx.cluster.requests.count({ member: 'pod-1' })).toBeLessThan(10)
  })

  it('a follower-to-be whose release failed reads meanwhile: without watch its state knows the new leader', async () => {
    const fx = kubernetesFixture()
    const a = fx.member()
    const b = fx.member()
    fx.apiOf(a).rights.revoke({ verb: 'watch' })
    await a.start()
    compete(a)
    let seen = ''
    a.observe('ns').subscribe(state => {
      seen = `${state.leader?.id} ${state.role}`
    })
    await fx.advance(5_000)
    await b.start()
    const bs = compete(b)
    await fx.advance(5_000)
    fx.apiOf(a).rights.revoke({ verb: 'update' })
    await fx.advance(120_000)
    expect(bs.at(-1)?.isValid()).toBe(true)
    expect(seen).toContain(b.self.id)
  })

  it('an acquisition whose answer is lost while the member withdraws is let go', async () => {
    const fx = kubernetesFixture()
    const a = fx.member()
    const b = fx.member()
    await a.start()
    fx.apiOf(a).faults.loseWriteAnswers = 1
    const campaign = a.campaign('ns', { participant: 'r' })
    await fx.advance(2)
    await fx.advance(1)
    void campaign[Symbol.asyncDispose]()
    await fx.advance(200)
    await b.start()
    const bs = compete(b)
    await fx.advance(5_000)
    expect(bs.at(-1)?.isValid()).toBe(true)
  })
})
