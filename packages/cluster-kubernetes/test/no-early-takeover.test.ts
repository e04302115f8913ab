import { describe, expect, it } from 'vitest'
import { type Member, type MemberOptions, Stage } from './support/stage.ts'

/** After which the container is recorded, and confirmed. */
const KNOWN_MS = 40_000

async function scene(holding: MemberOptions = {}, following: MemberOptions = {}) {
  const stage = new Stage()
  const holder = await stage.leader(holding)
  await stage.pass(KNOWN_MS)
  const next = await stage.follower(following)
  await stage.renewed(700)
  return { stage, holder, next }
}

async function waitsForExpiry({ stage, next }: { readonly stage: Stage; readonly next: Member }): Promise<void> {
  const last = Date.parse(stage.lease?.spec?.renewTime ?? '')
  await stage.until('the other one leads', () => next.leads, 30_000)
  const after = stage.clock.now() - last
  expect(after).toBeGreaterThanOrEqual(14_500)
  expect(after).toBeLessThanOrEqual(15_500)
}

describe('although kubelet says that the container terminated, the lease expires first', () => {
  it('with early-takeover never, and nobody reads or watches pods', async () => {
    const { stage, holder, next } = await scene({}, { earlyTakeover: 'never' })
    expect(stage.cluster.requests.count({ member: next.pod, resource: 'pods' })).toBe(0)
    holder.kill()
    stage.cluster.pods.terminated(holder.pod)
    await waitsForExpiry({ stage, next })
  })

  it('where the holder has early-takeover never: it records no container', async () => {
    const { stage, holder, next } = await scene({ earlyTakeover: 'never' })
    expect([stage.note('term') !== undefined, stage.note('container-id')]).toEqual([true, undefined])
    holder.kill()
    stage.cluster.pods.terminated(holder.pod)
    await waitsForExpiry({ stage, next })
  })

  it.each([
    ['hostPID', { hostPID: true }, /its pod has hostPID, so a process may outlive its container/],
    ['shareProcessNamespace', { shareProcessNamespace: true }, /its pod has shareProcessNamespace, so/],
    ['several containers and no name', { containers: [{ name: 'a' }, { name: 'b' }] }, /has the containers a, b: name/],
  ])('with %s, said once', async (_, spec, sentence) => {
    const { stage, holder, next } = await scene({
      run: { container: 'a', spec: { containers: [{ name: 'a' }], ...spec } },
    })
    await stage.pass(120_000)
    expect(stage.note('container-id')).toBeUndefined()
    expect(holder.log.matching(/no takeover from this member/)).toEqual([expect.stringMatching(sentence)])
    await stage.renewed(700)
    holder.kill()
    stage.cluster.pods.terminated(holder.pod)
    await waitsForExpiry({ stage, next })
  })

  it('where the pod has no container of the name that was given, said once', async () => {
    const { stage, holder } = await scene({ containerName: 'wrong' })
    await stage.pass(120_000)
    expect(stage.note('container-id')).toBeUndefined()
    expect(holder.log.matching(/no takeover/)).toEqual([expect.stringMatching(/its pod has no container wrong/)])
  })

  it.each([
    [
      'is of another pod of that name',
      '00000000-dead-4000-8000-000000000000',
      /the pod pod-1 in default is another one/,
    ],
    ['is not known', undefined, /its credentials are bound to no pod: set cluster.kubernetes.pod-uid/],
  ])('where the uid of its pod %s, said once', async (_, podUid, sentence) => {
    const { stage, holder, next } = await scene({
      podUid,
      around: api => Object.assign(api, { ownPodUid: async () => undefined }),
    })
    await stage.pass(120_000)
    expect(stage.note('container-id')).toBeUndefined()
    expect(holder.log.matching(/no takeover/)).toEqual([expect.stringMatching(sentence)])
    await stage.renewed(700)
    holder.kill()
    stage.cluster.pods.terminated(holder.pod)
    await waitsForExpiry({ stage, next })
  })

  it('where there is no pod of that name, said once', async () => {
    const stage = new Stage()
    const holder = await stage.leader()
    stage.cluster.pods.removed(holder.pod)
    await stage.pass(120_000)
    expect(stage.note('container-id')).toBeUndefined()
    expect(holder.log.matching(/no takeover/)).toEqual([expect.stringMatching(/there is no pod pod-1 in default/)])
  })
})
