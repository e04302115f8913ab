import type { ClusterState } from '@dromedary/core/cluster'
import { FakeClock } from '@dromedary/testing'
import { expect, it } from 'vitest'
import { NamespaceWatch } from '../src/leadership/namespace-watch.ts'
import { clusterChecks, leaderView } from '../src/leadership/view.ts'
import { pair, takePart } from './cluster.ts'

it('each member tells who leads, and only the leader that it may send', async () => {
  const { clock, one, two } = pair()
  await one.service.start()
  const first = takePart(one.service)
  await clock.advance(100)
  await two.service.start()
  takePart(two.service)
  await clock.advance(3_000)
  const term = first.all[0]?.term.toString()
  const [leader] = leaderView(one.watch).namespaces
  expect(leader).toMatchObject({
    namespace: 'ns',
    role: 'leader',
    isLeader: true,
    leader: 'one',
    term,
    backend: { status: 'up', failures: 0 },
  })
  expect(leader?.since.slice(0, 19)).toBe('2026-01-01T00:00:00')
  // Renewed each two seconds.
  expect(leader?.renewAgeMs).toBeLessThan(2_100)
  expect(leader?.remainingMs).toBeGreaterThan(12_000)
  expect(leaderView(two.watch)).toMatchObject({
    service: 'memory',
    member: { id: 'two' },
    namespaces: [{ role: 'follower', isLeader: false, leader: 'one', term, renewAgeMs: null, remainingMs: null }],
  })
})

it('through a failover: the dead one tells that it may not send, the other one that it leads, and how long nobody did', async () => {
  const { clock, one, two } = pair()
  for (const { service } of [one, two]) {
    await service.start()
    takePart(service)
    await clock.advance(2_000)
  }
  one.inner.faults.cutOff = true
  await clock.advance(20_000)
  const [cutOff] = leaderView(one.watch).namespaces
  const [next] = leaderView(two.watch).namespaces
  expect(cutOff).toMatchObject({ isLeader: false, renewAgeMs: null })
  expect(next).toMatchObject({ role: 'leader', isLeader: true, leader: 'two' })
  expect(BigInt(next?.term ?? 0)).toBeGreaterThan(0n)
  expect(next?.lastChange).toMatchObject({ reason: expect.any(String), leaderlessMs: expect.any(Number) })
  const watch = two.watch.namespaces[0]
  expect([watch?.transitions, one.watch.namespaces[0]?.transitions]).toEqual([2, 1])
})

it('a storage that cannot be reached is a detail first, and down when it stays so', async () => {
  const { clock, one } = pair()
  await one.service.start()
  takePart(one.service)
  await clock.advance(2_000)
  const check = () => clusterChecks(one.watch)[0]
  expect(check()).toMatchObject({ name: 'cluster:ns', status: 'UP', data: { role: 'leader', backend: 'up' } })
  one.inner.faults.refuse = true
  await clock.advance(5_000)
  expect(check()).toMatchObject({ status: 'UP', data: { backend: 'degraded', error: expect.any(String) } })
  await clock.advance(120_000)
  expect(check()).toMatchObject({ status: 'DOWN', data: { backend: 'down' } })
  one.inner.faults.refuse = false
  await clock.advance(20_000)
  expect(check()).toMatchObject({ status: 'UP', data: { backend: 'up' } })
})

it('looks without taking part: a term that only it has seen ends by itself', async () => {
  const { clock, one, two } = pair()
  await one.service.start()
  // Nobody subscribes to what it campaigns for.
  const campaign = one.service.campaign('ns', { participant: 'route' })
  await clock.advance(2_000)
  await two.service.start()
  const second = takePart(two.service)
  const withdrawn = campaign[Symbol.asyncDispose]()
  await clock.advance(5_000)
  await withdrawn
  expect(second.all).toHaveLength(1)
  expect(leaderView(two.watch).namespaces[0]?.isLeader).toBe(true)
})

it('counts terms, and the time without a leader while it takes part', async () => {
  const clock = new FakeClock()
  const watch = new NamespaceWatch('ns', clock)
  const saw = (role: ClusterState['role'], term?: bigint) =>
    watch.saw({
      namespace: 'ns',
      role,
      highestTermSeen: term ?? 0n,
      health: { status: 'up', failures: 0 },
      ...(term !== undefined && { leader: { id: 'x', term } }),
    })
  saw('off')
  await clock.advance(1_000)
  expect([watch.leaderlessMs, watch.transitions]).toEqual([0, 0])
  saw('follower')
  await clock.advance(300)
  saw('follower')
  await clock.advance(200)
  expect(watch.leaderlessMs).toBe(500)
  saw('follower', 7n)
  const since = clock.now()
  await clock.advance(1_000)
  saw('leader', 7n)
  saw('leader', 8n)
  expect([watch.leaderlessMs, watch.transitions, watch.roleSince - since]).toEqual([500, 2, 1_000])
  saw('standing-back')
  await clock.advance(250)
  expect(watch.leaderlessMs).toBe(750)
})
