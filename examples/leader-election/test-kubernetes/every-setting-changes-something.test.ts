import { systemClock } from '@dromedary/core'
import { sharedKubernetes } from '@dromedary/test-servers/kubernetes/vitest'
import { eventually } from '@dromedary/testing'
import { describe, expect, it } from 'vitest'
import { role } from './support/manifests.ts'
import { exampleNamespace, kubernetes, LEASE } from './support/members.ts'
import { applyRules, MAY_NOT, rulesWithout } from './support/rights.ts'

const WITHOUT_PODS = role.rules.filter(({ resources }) => !resources.includes('pods'))

describe.concurrent('cluster.kubernetes', () => {
  it('lease-duration: what the Lease promises', async test => {
    const example = await exampleNamespace(test)
    await (await example.start('a', ...kubernetes({ 'lease-duration': '23s' }))).elected()
    expect((await example.lease())['spec']).toMatchObject({ leaseDurationSeconds: 23 })
  })

  it('renew-deadline: after how long a leader that cannot renew stops', async test => {
    const goesOnFor = async (deadline: string): Promise<number> => {
      const example = await exampleNamespace(test)
      const leader = await example.start('a', ...kubernetes({ 'renew-deadline': deadline, 'retry-period': '500ms' }))
      await leader.elected()
      await applyRules(example.cluster, example.namespace, rulesWithout('update leases'))
      const from = systemClock.monotonic()
      return (await leader.sees('stopped consuming ')).at - from
    }
    const [short, long] = await Promise.all([goesOnFor('2s'), goesOnFor('6s')])
    expect(short).toBeLessThan(4_000)
    expect(long).toBeGreaterThan(4_500)
  })

  it('jitter-factor: how long a follower without a watch waits beyond the retry period', async test => {
    test.skip(!sharedKubernetes().owned, 'needs the audit log of a server of our own')
    const longestWait = async (factor: string): Promise<number> => {
      const { cluster, namespace, user, start } = await exampleNamespace(test, rulesWithout('watch leases'))
      const timing = { 'retry-period': '500ms', 'jitter-factor': factor }
      await (await start('a', ...kubernetes(timing))).elected()
      const follower = await start('b', ...kubernetes(timing))
      await follower.sees('leader of camel-master is a,')
      const mark = cluster.auditMark()
      // The leader only writes.
      const filter = { user, namespace, verb: 'get', resource: 'leases', name: LEASE }
      const reads = () => cluster.audit(mark, filter)
      await eventually(() => reads().length > 8, { within: 60_000, every: 200 })
      const times = reads().map(({ receivedAt }) => receivedAt.getTime())
      return Math.max(...times.slice(1).map((time, index) => time - (times[index] ?? time)))
    }
    const [one, ten] = await Promise.all([longestWait('1'), longestWait('10')])
    expect(one).toBeLessThan(1_500)
    expect(ten).toBeGreaterThan(1_500)
  })

  it('container-name: of which container the end is told', async test => {
    const { start } = await exampleNamespace(test)
    const member = await start('a', ...kubernetes({ 'container-name': 'other' }))
    await member.sees('no takeover from this member before its lease expires: its pod has no container other')
  })

  it('pod-uid: which pod it must be; by default that of the token', async test => {
    const { start } = await exampleNamespace(test)
    const member = await start('a', ...kubernetes({ 'pod-uid': 'another' }))
    await member.sees(/no takeover from this member before its lease expires: the pod a in \S+ is another one/)
  })

  it('early-takeover: whether rights on pods are needed', async test => {
    const said = async (settings: Record<string, string>): Promise<string[]> => {
      const member = await (await exampleNamespace(test, WITHOUT_PODS)).start('a', ...kubernetes(settings))
      await member.sees('HeartBeating')
      return member.process.lines.matching(MAY_NOT).filter(line => line.includes(' pods '))
    }
    expect(await said({})).toHaveLength(2)
    expect(await said({ 'early-takeover': 'never' })).toEqual([])
  })
})
