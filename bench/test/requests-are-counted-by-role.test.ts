import { describe, expect, it } from 'vitest'
import { type Audited, countRequests } from '../src/kubernetes/counting.ts'
import { CAMEL_MEASURED, camelRules, clientGoRules, totalOf } from '../src/kubernetes/rules.ts'
import { parseOptions } from '../src/options.ts'
import { number, table } from '../src/table.ts'

describe('by the rules', () => {
  it('a member of Camel gets and lists every 2.2 s, and its leader writes at each fifth time', () => {
    const { polls, writes, leader, follower } = camelRules()
    expect(polls).toBeCloseTo(60 / 2.2)
    expect(writes).toBeCloseTo(60 / 11)
    expect(leader).toBeCloseTo(60)
    expect(follower).toBeCloseTo(54.5, 1)
  })

  it('of Camel they agree with what was measured', () => {
    expect(Math.abs(camelRules().leader - CAMEL_MEASURED.leader)).toBeLessThan(1.5)
    expect(Math.abs(camelRules().follower - CAMEL_MEASURED.follower)).toBeLessThan(1)
  })

  it('a leader of client-go writes every 2 s, and a follower reads every 3.2 s: its jitter comes on top', () => {
    expect(clientGoRules()).toEqual({ leader: 30, follower: 18.75 })
  })

  it('each namespace is an election of its own', () => {
    expect(totalOf({ leader: 30, follower: 20 }, { members: 2, namespaces: 1 })).toBe(50)
    expect(totalOf({ leader: 30, follower: 20 }, { members: 100, namespaces: 50 })).toBe(50 * (30 + 99 * 20))
  })
})

describe('by the audit log', () => {
  const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds))
  const window = { from: at(10), to: at(40) }
  const event = (user: string, verb: string, seconds: number, more: Partial<Audited> = {}): Audited => {
    const stage = 'ResponseComplete'
    return { user, verb, resource: 'leases', name: 'ns', code: 200, stage, uri: '/', receivedAt: at(seconds), ...more }
  }
  const count = (events: Audited[], members = 2, namespaces = 1) =>
    countRequests(events, window, { members, namespaces })

  it('whoever writes a Lease leads, and the others share what they ask for it', () => {
    const counted = count(
      [
        event('a', 'update', 11),
        event('a', 'get', 12),
        event('b', 'get', 13),
        event('b', 'get', 14),
        event('c', 'get', 15),
      ],
      3,
    )
    expect(counted.leader).toEqual({ update: 2, get: 2 })
    expect(counted.follower).toEqual({ get: 3 })
    expect(counted).toMatchObject({ total: 10, other: 0, unsteady: 0 })
  })

  it('takes only what came within the window', () => {
    expect(count([event('a', 'update', 9.9), event('a', 'update', 10), event('a', 'update', 40)]).total).toBe(2)
  })

  it('a watch is one request, when it is opened, and is held until its end', () => {
    const started = { stage: 'ResponseStarted' } as const
    const counted = count([
      event('a', 'watch', 5, { ...started, uri: '/early' }),
      event('a', 'watch', 5, { uri: '/early' }),
      event('a', 'watch', 12, started),
      event('b', 'watch', 13, { ...started, resource: 'pods' }),
      event('b', 'watch', 13, { resource: 'pods' }),
      event('c', 'watch', 14, { code: 403 }),
      event('a', 'get', 15, { resource: 'pods' }),
    ])
    expect(counted).toMatchObject({ watchesOpened: 6, watchesHeld: 1, other: 2, total: 8 })
  })

  it('says so when a Lease had another leader in between, or none', () => {
    expect(count([event('a', 'update', 11), event('b', 'update', 12)]).unsteady).toBe(1)
    expect(count([event('a', 'update', 11)], 2, 2).unsteady).toBe(1)
  })
})

it('prints columns', () => {
  expect(
    table([
      ['', 'ms'],
      ['longer', '10'],
      ['x', ''],
    ]),
  ).toEqual(['        ms', 'longer  10', 'x'])
  expect([30, 2.84, 99.99, 14_535.4].map(number)).toEqual(['30', '2.8', '100', '14,535'])
})

it('is left out of a quick run of everything, and of no other', () => {
  expect(parseOptions(['all', '--quick']).others).not.toContain('kubernetes')
  expect(parseOptions(['all']).others).toContain('kubernetes')
  expect(parseOptions(['all', 'kubernetes', '--quick']).others).toContain('kubernetes')
})
