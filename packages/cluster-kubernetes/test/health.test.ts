import { describe, expect, it } from 'vitest'
import { type Member, Stage } from './support/stage.ts'

const LEASE_MS = 15_000

/** Each status once, in the order in which it was told. */
const statuses = ({ states }: Member) =>
  states.map(({ health }) => health.status).filter((status, at, all) => status !== all[at - 1])

const ways = [
  ['refuses', { refuse: true }, /ECONNREFUSED|ECONNRESET/],
  ['is silent', { cutOff: true }, /ETIMEDOUT/],
  ['answers 503', { status: 503 }, /503/],
  ['answers 401', { status: 401 }, /401/],
] as const

describe.each(ways)('while the server %s', (_, faults, message) => {
  it.each([true, false])(
    'health of the leader (%s) is degraded, down after a lease, and up again after',
    async leads => {
      const stage = new Stage()
      const leader = await stage.leader()
      const next = await stage.follower()
      const member = leads ? leader : next
      await stage.pass(3_000)
      Object.assign(member.api.faults, faults)
      await stage.until('it is degraded', () => member.state?.health.status === 'degraded', LEASE_MS)
      expect(member.state?.health.failures).toBeGreaterThan(0)
      expect(member.state?.health.error?.code).toBe('DROMEDARY_CLUSTER_BACKEND')
      expect(member.state?.health.error?.message).toMatch(message)
      expect(member.state?.health.error?.message).toMatch(
        /^The Lease dromedary-ns of cluster namespace ns cannot be used: /,
      )
      await stage.until('it is down', () => member.state?.health.status === 'down', 3 * LEASE_MS)
      member.api.faults.heal()
      await stage.until('it is up', () => member.state?.health.status === 'up', LEASE_MS)
      expect(member.state?.health).toEqual({ status: 'up', failures: 0 })
      expect(statuses(member)).toEqual(['up', 'degraded', 'down', 'up'])
    },
  )

  it('it is logged once, and once that it works again', async () => {
    const stage = new Stage()
    const leader = await stage.leader()
    Object.assign(stage.cluster.faults, faults)
    await stage.pass(300_000)
    const warnings = leader.log.matching(/cannot be used/, 'warn')
    // As the leader it could not renew, and then it could not read.
    expect(warnings.length).toBeLessThanOrEqual(3)
    expect(new Set(warnings).size).toBe(warnings.length)
    stage.cluster.faults.heal()
    await stage.pass(60_000)
    expect(leader.log.matching(/the Lease dromedary-ns .* works again, after \d+ failures/, 'info')).toHaveLength(1)
    expect(leader.log.matching(/cannot be used/, 'warn')).toHaveLength(warnings.length)
  })
})

it('another failure is logged again', async () => {
  const stage = new Stage()
  const next = await stage.member()
  next.compete()
  stage.cluster.faults.status = 503
  await stage.pass(30_000)
  const first = next.log.matching(/cannot be used/, 'warn').length
  stage.cluster.faults.status = 403
  await stage.pass(30_000)
  expect(next.log.matching(/cannot be used/, 'warn')).toHaveLength(first + 1)
})

it('a server that was away from the start is a matter of health, not of start', async () => {
  const stage = new Stage()
  stage.cluster.faults.refuse = true
  const member = await stage.member()
  member.compete()
  await stage.pass(60_000)
  expect([member.leaderships, member.state?.health.status]).toEqual([[], 'down'])
  stage.cluster.faults.heal()
  await stage.until('it leads', () => member.leads, 5_000)
  await stage.until('it is healthy', () => member.state?.health.status === 'up', 5_000)
})

it('a member that lost a race is healthy', async () => {
  const stage = new Stage()
  const members = await Promise.all([stage.member(), Promise.resolve()]).then(([one]) => [one])
  for (let more = 0; more < 9; more++) members.push(await stage.member())
  for (const member of members) member.compete()
  await stage.pass(60_000)
  expect(members.filter(({ leads }) => leads)).toHaveLength(1)
  for (const member of members) expect(statuses(member)).toEqual(['up'])
})

it('who only looks on sees leaders, and is told of a server that is away', async () => {
  const stage = new Stage()
  const leader = await stage.leader({ id: 'one' })
  const onlooker = await stage.member()
  await stage.until('it sees the leader', () => onlooker.state?.leader?.id === 'one', 25_000)
  expect([onlooker.state?.role, onlooker.state?.highestTermSeen]).toEqual(['off', leader.term])
  onlooker.api.faults.refuse = true
  await stage.until('it is degraded', () => onlooker.state?.health.status === 'degraded', 30_000)
  onlooker.api.faults.heal()
  await stage.until('it is up', () => onlooker.state?.health.status === 'up', 40_000)
})

describe('what people read of an election', () => {
  it('is one line for each: who, where, the term, how long nobody led and why', async () => {
    const stage = new Stage()
    const first = await stage.leader({ id: 'one' })
    const next = await stage.follower({ id: 'two' })
    await stage.stop(first)
    await stage.until('the other one leads', () => next.leads, 1_000)
    await stage.pass(60_000)
    expect(first.log.matching(/leader of ns/)).toEqual([
      `leader of ns is this member, one, pod pod-1, Lease default/dromedary-ns, term ${first.term}, after 4 ms without a leader (first election)`,
    ])
    expect(next.log.matching(/leader of ns/)).toEqual([
      `leader of ns is one, pod pod-1, Lease default/dromedary-ns, term ${first.term}`,
      expect.stringMatching(
        /^leader of ns is this member, two, pod pod-2, Lease default\/dromedary-ns, term \d+, after \d ms without a leader \(released\)$/,
      ),
    ])
  })

  it('says why a leader resigned, also in the Lease', async () => {
    const stage = new Stage()
    const first = await stage.leader()
    const next = await stage.follower()
    first.newest?.resign('too much work')
    await stage.until('the other one leads', () => next.leads, 1_000)
    expect(stage.note('before')).toBe('resigned: too much work')
    expect(next.state?.lastChange?.reason).toBe('resigned: too much work')
  })

  it('at the start: who this member is and where members meet', async () => {
    const stage = new Stage()
    const member = await stage.member({ id: 'one', resourceName: 'leaders' })
    expect(member.log.matching(/this member is/)).toEqual([
      'this member is one, pod pod-1; members meet in the Leases leaders-… of the namespace default',
    ])
    expect(member.log.records.every(({ category }) => category === 'cluster')).toBe(true)
  })
})
