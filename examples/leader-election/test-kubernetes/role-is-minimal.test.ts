import { sleep, systemClock } from '@dromedary/core'
import { eventually } from '@dromedary/testing'
import { describe, expect, it, type TestContext } from 'vitest'
import { AFTER_RELEASE_MS, AFTER_STATUS_MS } from './support/bounds.ts'
import { type ExampleNamespace, exampleNamespace, kubernetes, LEASE, type Member } from './support/members.ts'
import { applyRules, MAY_NOT, RIGHTS, type RightName, rulesToldBy, rulesWithout } from './support/rights.ts'
import { type Three, threeWithout } from './support/three.ts'

const SHORT = kubernetes({ 'lease-duration': '5s', 'renew-deadline': '3s', 'retry-period': '500ms' })
/** How seldom a follower looks that has no watch. */
const RARE_MS = 8_000
const RARE = kubernetes({ 'retry-period': `${RARE_MS}ms` })

/** For each right of the Role: without it something is missed, and the rule that the log tells brings it without a restart. */
const MATTERS: Readonly<Record<RightName, (test: TestContext) => Promise<void>>> = {
  'get leases': test => nobodyLeads(test, 'get leases'),
  'create leases': test => nobodyLeads(test, 'create leases'),
  'update leases': test => nobodyLeads(test, 'update leases', 'the Lease is there'),

  async 'watch leases'(test) {
    const three = await threeWithout(test, 'watch leases', ...RARE)
    const stopped = await stop(three.leader)
    const { elected, leader, follower } = await three.next()
    expect(elected.reason).toBe('released')
    expect(elected.at - stopped).toBeGreaterThan(AFTER_RELEASE_MS)

    await three.heal()
    await watchesAreOpen(three.example, 2)
    const stoppedAgain = await stop(leader)
    expect((await follower.elected()).at - stoppedAgain).toBeLessThan(AFTER_RELEASE_MS)
  },

  'get pods': test =>
    crashesAreNotSeen(test, 'get pods', async ({ leader }) => {
      await leader.sees('no takeover from this member before its lease expires: it may not read pods')
    }),
  'watch pods': test =>
    crashesAreNotSeen(test, 'watch pods', async ({ example, leader }) => {
      await example.containerIsKnown(leader)
    }),
}

describe.concurrent('without the right to', { timeout: 110_000 }, () => {
  it.for(RIGHTS)('%s', async (right, test) => {
    await MATTERS[right]?.(test)
  })

  it('update leases, a member leads for the one lease in which it has made the Lease', async test => {
    const example = await exampleNamespace(test, rulesWithout('update leases'))
    const member = await example.start('example-a', ...SHORT)
    const { term } = await member.elected()
    await member.sees(`stopped consuming from timer://clustered?period=5s (renewal-failed), term ${term} `)
    await sleep(systemClock, 6_000)
    expect(member.elections).toHaveLength(1)
  })
})

it('tells of each right of the Role what it is for, and of no other', () => {
  expect(RIGHTS.toSorted()).toEqual(Object.keys(MATTERS).sort())
})

it('create leases is not needed where somebody has made an empty Lease', async test => {
  const example = await exampleNamespace(test, rulesWithout('create leases'))
  await example.cluster.request('POST', example.leasePath, { metadata: { name: LEASE } })
  const member = await example.start('example-a')
  expect((await member.elected()).reason).toBe('first election')
})

async function nobodyLeads(test: TestContext, right: RightName, lease?: 'the Lease is there'): Promise<void> {
  const rules = rulesWithout(right)
  const example = await exampleNamespace(test, rules)
  if (lease) await example.cluster.request('POST', example.leasePath, { metadata: { name: LEASE } })
  const member = await example.start('example-a', ...SHORT)
  const { text } = await member.sees(`${MAY_NOT}${right}`)
  // More than two retry periods after its start.
  await member.sees('HeartBeating')
  await sleep(systemClock, 1_000)
  expect(member.elections).toEqual([])
  await applyRules(example.cluster, example.namespace, [...rules, ...rulesToldBy(text)])
  await member.elected()
}

/** The leader's crash is waited for until its lease has expired; `ready` when its end could be seen with the right. */
async function crashesAreNotSeen(test: TestContext, right: RightName, ready: (three: Three) => Promise<void>) {
  const three = await threeWithout(test, right, ...SHORT)
  await ready(three)
  const crashed = await three.leader.crash()
  const { elected, leader, follower } = await three.next()
  expect(elected.reason).toBe('not renewed')
  expect(elected.at - crashed).toBeGreaterThan(AFTER_STATUS_MS)

  await three.heal()
  await three.example.containerIsKnown(leader)
  const crashedAgain = await leader.crash()
  const last = await follower.elected()
  expect(last.reason).toBe('its container terminated')
  expect(last.at - crashedAgain).toBeLessThan(AFTER_STATUS_MS)
}

/** So many members watch the Lease. One that was refused tries again after at most 36 s. */
async function watchesAreOpen({ cluster, user }: ExampleNamespace, count: number): Promise<void> {
  const filter = { user, verb: 'watch', resource: 'leases', stage: 'ResponseStarted', code: 200 } as const
  if (cluster.owned) await eventually(() => cluster.audit(0, filter).length >= count, { within: 40_000, every: 200 })
  else await sleep(systemClock, 40_000)
}

/** SIGTERM; returns when its work was drained, by the host's monotonic clock. */
async function stop({ process }: Member): Promise<number> {
  process.signal('SIGTERM')
  return (await process.waitForLine(' stopped consuming ')).at
}
