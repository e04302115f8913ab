import { describe, expect, it } from 'vitest'
import { requestsPerMinute } from './support/load.ts'
import { allRights } from './support/rights.ts'
import { type Member, Stage } from './support/stage.ts'

const MINUTES = 5

/** Requests of a member by kind, in some minutes of steady state. */
async function steady(stage: Stage, member: Member): Promise<Record<string, number>> {
  await stage.pass(60_000)
  stage.cluster.requests.reset()
  await stage.pass(MINUTES * 60_000)
  return stage.cluster.requests.kinds({ member: member.pod })
}

describe('in steady state, a minute', () => {
  it('a leader writes once a retry period and asks for nothing else', async () => {
    const stage = new Stage()
    const leader = await stage.leader()
    await stage.follower()
    expect(await steady(stage, leader)).toEqual({ 'update leases': 30 * MINUTES })
  })

  it('a follower holds two watches open and reads four times at most', async () => {
    const stage = new Stage()
    await stage.leader()
    const next = await stage.follower()
    await stage.pass(60_000)
    expect(stage.cluster.requests.kinds({ member: next.pod, verb: 'watch' })).toEqual({
      'watch leases': 1,
      'watch pods': 1,
    })
    const kinds = await steady(stage, next)
    expect(Object.keys(kinds)).toEqual(['get leases'])
    expect(kinds['get leases']).toBeLessThanOrEqual(4 * MINUTES)
  })

  it('a follower whose watch is silent reads once a retry period and jitter', async () => {
    const stage = new Stage()
    await stage.leader()
    const next = await stage.follower()
    next.api.faults.silentWatches = true
    const kinds = await steady(stage, next)
    expect(kinds['get leases']).toBeLessThanOrEqual(30 * MINUTES)
    expect(kinds['get leases']).toBeGreaterThanOrEqual(25 * MINUTES - 10)
  })

  it('who waits for a right to watch asks for it twice at most, and reads as often as without a watch', async () => {
    const stage = new Stage()
    const rights = allRights.filter(({ verb }) => verb !== 'watch')
    const leader = await stage.leader({ rights })
    const next = await stage.follower({ rights })
    const kinds = await steady(stage, next)
    expect(kinds['get leases']).toBeLessThanOrEqual(30 * MINUTES)
    expect(kinds['watch leases']).toBeLessThanOrEqual(2.5 * MINUTES)
    expect(kinds['watch pods']).toBeLessThanOrEqual(2.5 * MINUTES)
    const leads = stage.cluster.requests.kinds({ member: leader.pod })
    expect(leads['update leases']).toBe(30 * MINUTES)
    expect(leads['watch leases']).toBeLessThanOrEqual(2.5 * MINUTES)
  })

  it('somebody who waits for a Lease of which he is refused everything asks once a retry period', async () => {
    const stage = new Stage()
    const member = await stage.member({ rights: [] })
    member.compete()
    const kinds = await steady(stage, member)
    expect(kinds['get leases']).toBeLessThanOrEqual(30 * MINUTES)
  })
})

describe('several namespaces', () => {
  const others = ['b', 'c', 'd']
  const watches = ({ cluster }: Stage, { pod }: Member) =>
    cluster.requests.entries.filter(
      ({ member, verb, resource }) => member === pod && verb === 'watch' && resource === 'leases',
    )
  const named = (stage: Stage, member: Member) => watches(stage, member).flatMap(({ name }) => name ?? [])

  it('share one watch by label where that is granted', async () => {
    const stage = new Stage()
    const leader = await stage.leader()
    const next = await stage.follower()
    for (const other of others) for (const member of [leader, next]) member.compete(other)
    await stage.pass(60_000)
    expect(watches(stage, next).filter(({ name }) => name === undefined)).toHaveLength(1)
    // One for each of the eight, told by what the server holds open: one of Leases and one of the pod.
    await stage.stop(leader)
    await stage.until('it leads all', () => next.leaderships.filter(one => one.accepts()).length === 4, 500)
    expect(stage.cluster.openWatches).toBe(1)
  })

  it('have one each where it is not granted, and all hear at once', async () => {
    const stage = new Stage()
    const names = ['ns', ...others].map(name => `dromedary-${name}`)
    const rights = allRights
      .filter(({ verb, resource }) => verb !== 'watch' || resource === 'pods')
      .concat(names.map(name => ({ verb: 'watch', group: 'coordination.k8s.io', resource: 'leases', name })))
    const leader = await stage.leader()
    const next = await stage.follower({ rights })
    for (const other of others) for (const member of [leader, next]) member.compete(other)
    await stage.pass(60_000)
    expect(named(stage, next).sort()).toEqual([...names].sort())
    expect(watches(stage, next).some(({ name }) => name === undefined)).toBe(false)
    await stage.stop(leader)
    await stage.until('it leads all', () => next.leaderships.filter(one => one.accepts()).length === 4, 500)
  })

  it('have one each again when the right is taken away, and all hear at once', async () => {
    const stage = new Stage()
    const leader = await stage.leader()
    const next = await stage.follower()
    for (const other of others) for (const member of [leader, next]) member.compete(other)
    await stage.pass(60_000)
    stage.cluster.requests.reset()
    next.api.rights.revoke({ verb: 'watch', resource: 'leases' })
    for (const name of ['ns', ...others]) {
      next.api.rights.grant({
        verb: 'watch',
        group: 'coordination.k8s.io',
        resource: 'leases',
        name: `dromedary-${name}`,
      })
    }
    // The server ends what is open.
    next.api.faults.refuse = true
    next.api.faults.heal()
    await stage.pass(30_000)
    expect(named(stage, next)).toHaveLength(4)
    await stage.stop(leader)
    await stage.until('it leads all', () => next.leaderships.filter(one => one.accepts()).length === 4, 500)
  })
})

describe('the number of members and namespaces', () => {
  const ways: readonly (readonly [members: number, namespaces: number])[] = [
    [2, 1],
    [10, 1],
    [100, 1],
    [2, 50],
    [10, 50],
  ]

  it.each(ways)(
    '%d members in %d namespaces: what a leader and a follower ask for one namespace stays the same',
    async (members, namespaces) => {
      const load = await requestsPerMinute(members, namespaces, 2)
      expect(load.leader).toBeLessThanOrEqual(30.5)
      expect(load.follower).toBeLessThanOrEqual(4)
      // Watches that were ended, and pods: hardly any, however many namespaces.
      expect(load.shared).toBeLessThanOrEqual(2)
      expect(load.kinds['watch leases'] ?? 0).toBeLessThanOrEqual(members * 0.5)
    },
    60_000,
  )
})
