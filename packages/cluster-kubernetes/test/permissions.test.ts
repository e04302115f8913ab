import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Right } from '../src/api.ts'
import { allRights } from './support/rights.ts'
import { Stage } from './support/stage.ts'

const LEASES = { group: 'coordination.k8s.io', resource: 'leases' } as const
const PODS = { group: '', resource: 'pods' } as const

/** What the README asks for, and nothing more. */
const least: readonly Right[] = [
  { verb: 'create', ...LEASES },
  ...(['get', 'update', 'watch'] as const).map(verb => ({ verb, ...LEASES, name: 'dromedary-ns' })),
  ...(['get', 'watch'] as const).map(verb => ({ verb, ...PODS })),
]

const without = (verb: string, resource: string) => least.filter(one => one.verb !== verb || one.resource !== resource)

/** The rules in a message, as rights. */
function granted(message: string): Right[] {
  const rules = parse(message.slice(message.indexOf('- {'))) as {
    apiGroups: Right['group'][]
    resources: Right['resource'][]
    verbs: Right['verb'][]
    resourceNames?: string[]
  }[]
  return rules.flatMap(({ apiGroups, resources, verbs, resourceNames }) =>
    apiGroups.flatMap(group =>
      resources.flatMap(resource =>
        verbs.flatMap(verb =>
          resourceNames ? resourceNames.map(name => ({ verb, group, resource, name })) : [{ verb, group, resource }],
        ),
      ),
    ),
  )
}

describe('a right that is missing is said once, in one sentence with the rule that grants exactly it', () => {
  it.each([
    ['get', 'leases', 'leases dromedary-ns', /this member cannot compete/],
    ['create', 'leases', 'leases', /cannot lead until somebody has made the Lease/],
    ['update', 'leases', 'leases dromedary-ns', /this member cannot keep a leadership/],
    ['watch', 'leases', 'leases dromedary-ns', /a release is seen at the next retry period only, not at once/],
    ['get', 'pods', 'pods', /the end of its own container cannot be recognised by others/],
    ['watch', 'pods', 'pods', /after a crash of the leader this member waits until the lease expires/],
  ])('%s %s', async (verb, resource, what, effect) => {
    const stage = new Stage()
    const member = await stage.member({ rights: without(verb, resource) })
    member.compete()
    await stage.pass(120_000)
    const said = member.log.matching(/this member may not/)
    expect(said).toHaveLength(1)
    const [sentence = ''] = said
    expect(sentence).toContain(`may not ${verb} ${what} in the namespace default: `)
    expect(sentence).toMatch(effect)
    const missing = least.filter(one => !without(verb, resource).includes(one))
    expect(granted(sentence)).toEqual(missing)
    member.api.rights.grant(...granted(sentence))
    await stage.until('it leads', () => member.leads, 40_000)
  })

  it('for each namespace by itself', async () => {
    const stage = new Stage()
    const member = await stage.member({ rights: least })
    member.compete('other')
    await stage.pass(10_000)
    const names = member.log.matching(/may not/).flatMap(granted)
    const update: Right = { verb: 'update', ...LEASES, name: 'dromedary-other' }
    expect(names).toEqual([{ ...update, verb: 'get' }, update, { ...update, verb: 'watch' }])
  })
})

describe('nothing is said', () => {
  it.each([
    ['all is granted', allRights],
    ['the least is granted', least],
  ])('when %s, and it leads', async (_, rights) => {
    const stage = new Stage()
    const member = await stage.member({ rights })
    member.compete()
    await stage.pass(60_000)
    expect([member.leads, member.state?.health.status]).toEqual([true, 'up'])
    expect(member.log.records.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([])
  })

  it('of pods where early-takeover is never', async () => {
    const stage = new Stage()
    const member = await stage.member({
      rights: without('get', 'pods').filter(({ resource }) => resource === 'leases'),
      earlyTakeover: 'never',
    })
    member.compete()
    await stage.pass(60_000)
    expect(member.log.matching(/may not/)).toEqual([])
    expect(stage.cluster.requests.count({ resource: 'pods' })).toBe(0)
  })

  it('of rights while nobody campaigns or observes', async () => {
    const stage = new Stage()
    const api = stage.cluster.api({ member: 'bare', rights: [] })
    await stage.pass(10_000)
    expect([stage.cluster.requests.count(), api.member]).toEqual([0, 'bare'])
  })
})

describe('rights are asked for again', () => {
  it.each([
    ['refuses', { refuse: true }],
    ['answers 503', { status: 503 }],
    ['hangs', { cutOff: true }],
  ] as const)('while the server %s, and said when it is back', async (_, faults) => {
    const stage = new Stage()
    Object.assign(stage.cluster.faults, faults)
    const member = await stage.member({ rights: without('watch', 'pods') })
    member.compete()
    await stage.pass(60_000)
    expect(member.log.matching(/may not/)).toEqual([])
    stage.cluster.faults.heal()
    await stage.until('it is said', () => member.log.matching(/may not watch pods/).length === 1, 15_000)
  })

  it('once for all namespaces where they are about the same', async () => {
    const stage = new Stage()
    const member = await stage.member()
    for (const name of ['a', 'b', 'c', 'd', 'e']) member.compete(name)
    await stage.pass(20_000)
    // Three for each Lease; create, all Leases and two of pods.
    expect(stage.cluster.requests.count({ verb: 'review' })).toBe(5 * 3 + 4)
  })

  it('no more once the server has answered', async () => {
    const stage = new Stage()
    const member = await stage.member()
    member.compete()
    await stage.pass(10_000)
    expect(stage.cluster.requests.count({ verb: 'review' })).toBe(6)
    await stage.pass(300_000)
    expect(stage.cluster.requests.count({ verb: 'review' })).toBe(6)
  })
})

it('leadership does not wait for the answers', async () => {
  const stage = new Stage()
  const member = await stage.member({ around: api => Object.assign(api, { may: () => new Promise<never>(() => {}) }) })
  member.compete()
  await stage.until('it leads', () => member.leads, 500)
})
