import { describe, expect, it } from 'vitest'
import type { LeaseObject } from '../../src/objects.ts'
import { lease, Stage } from './stage.ts'

const TIME = '2026-01-01T00:00:00.000000Z'

describe('a Lease of the simulated server', () => {
  it('is created once, with a uid, a resourceVersion and a namespace', async () => {
    const { answer, api } = bound(new Stage())
    const created = await answer(api.createLease(lease('a', { renewTime: TIME })))
    expect(created).toMatchObject({
      kind: 'Lease',
      metadata: { name: 'a', namespace: 'default' },
      spec: { renewTime: TIME },
    })
    expect(created?.metadata.uid).toMatch(/^[0-9a-f-]{36}$/)
    expect(Number(created?.metadata.resourceVersion)).toBeGreaterThan(0)
    expect(await answer(api.createLease(lease('a')))).toBeUndefined()
    expect(await answer(api.readLease('a'))).toEqual(created)
    expect(await answer(api.readLease('b'))).toBeUndefined()
  })

  it('is replaced by whoever has its resourceVersion, once', async () => {
    const stage = new Stage()
    const { answer, api } = bound(stage)
    const created = await stage.created('a')
    const [one, two] = await Promise.all([
      answer(Promise.all([api.replaceLease(created), api.replaceLease(held(created, 'one'))])),
      Promise.resolve([]),
    ]).then(([both]) => both)
    expect(one).toEqual(created)
    expect(two?.spec?.holderIdentity).toBe('one')
    expect(await answer(api.replaceLease(held(created, 'two')))).toBeUndefined()
    expect(stage.cluster.lease('a')).toEqual(two)
  })

  it('is the same object, and told to nobody, when a PUT changes nothing', async () => {
    const stage = new Stage()
    const created = await stage.created('a')
    const before = stage.cluster.resourceVersion
    expect(await stage.answer(stage.api.replaceLease(created))).toBe(stage.cluster.lease('a'))
    expect(stage.cluster.resourceVersion).toBe(before)
  })

  it('has one counter with all other objects, which grows with each change and each deletion', async () => {
    const { cluster, created } = bound(new Stage())
    const versions = [await created('a'), await created('b')].map(one => Number(one.metadata.resourceVersion))
    versions.push(Number(cluster.pods.run('pod').metadata.resourceVersion))
    cluster.tamper('a', undefined)
    versions.push(Number(cluster.resourceVersion))
    versions.push(Number((await created('a')).metadata.resourceVersion))
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b))
  })

  it('that is gone is not replaced with its uid, and created anew by a PUT without', async () => {
    const stage = new Stage()
    const { answer, api } = bound(stage)
    const created = await stage.created('a')
    stage.cluster.tamper('a', undefined)
    expect(await answer(api.replaceLease(created))).toBeUndefined()
    const { uid, ...metadata } = created.metadata
    const again = await answer(api.replaceLease({ ...created, metadata }))
    expect(again?.metadata.uid).not.toBe(uid)
    expect(Number(again?.metadata.resourceVersion)).toBeGreaterThan(Number(created.metadata.resourceVersion))
    expect(await answer(api.replaceLease(created))).toBeUndefined()
  })

  it('that is gone is not created by a PUT without the right to create', async () => {
    const stage = new Stage()
    const { uid: _, ...metadata } = (await stage.created('a')).metadata
    stage.cluster.tamper('a', undefined)
    stage.api.rights.revoke({ verb: 'create' })
    await expect(stage.answer(stage.api.replaceLease({ metadata }))).rejects.toMatchObject({ status: 403 })
    stage.api.rights.grant({ verb: 'create', group: 'coordination.k8s.io', resource: 'leases', name: 'a' })
    expect(await stage.answer(stage.api.replaceLease({ metadata }))).toBeDefined()
  })

  it('is refused without resourceVersion, also with its uid', async () => {
    const stage = new Stage()
    const created = await stage.created('a')
    const { resourceVersion: _, ...metadata } = created.metadata
    const put = stage.answer(stage.api.replaceLease({ ...created, metadata }))
    await expect(put).rejects.toMatchObject({ status: 422, reason: 'Invalid' })
  })

  it('is checked when it is replaced, after its version', async () => {
    const stage = new Stage()
    const { metadata } = await stage.created('a')
    const put = (body: LeaseObject) => stage.answer(stage.api.replaceLease(body))
    await expect(put({ metadata, spec: { leaseDurationSeconds: 0 } })).rejects.toMatchObject({ status: 422 })
    const old = { ...metadata, resourceVersion: '1' }
    expect(await put({ metadata: old, spec: { leaseDurationSeconds: 0 } })).toBeUndefined()
  })

  it('loses the holder that is null, and fields that the server does not know', async () => {
    const { created } = bound(new Stage())
    const foreign = { other: 1, deletionTimestamp: '2026-01-01T00:00:00Z', creationTimestamp: '2020-01-01T00:00:00Z' }
    const { spec, metadata } = await created('a', { holderIdentity: null, strategy: 'x', other: 1 }, foreign)
    expect(spec).toEqual({})
    expect(Object.keys(metadata).sort()).toEqual(['creationTimestamp', 'name', 'namespace', 'resourceVersion', 'uid'])
    expect(metadata['creationTimestamp']).toBe('2026-01-01T00:00:00Z')
  })

  it('has its times in UTC', async () => {
    const { created } = bound(new Stage())
    const { spec } = await created('a', { renewTime: '2026-01-01T01:30:00.123456+02:00' })
    expect(spec?.renewTime).toBe('2025-12-31T23:30:00.123456Z')
  })

  it.each<[number, string, LeaseObject]>([
    [422, 'a duration of 0', lease('a', { leaseDurationSeconds: 0 })],
    [422, 'a negative duration', lease('a', { leaseDurationSeconds: -1 })],
    [400, 'a fraction of a second', lease('a', { leaseDurationSeconds: 14.5 })],
    [422, 'negative transitions', lease('a', { leaseTransitions: -1 })],
    [400, 'three digits', lease('a', { renewTime: '2026-01-01T00:00:00.000Z' })],
    [400, 'no digits', lease('a', { acquireTime: '2026-01-01T00:00:00Z' })],
    [400, 'no date', lease('a', { renewTime: '2026-13-01T00:00:00.000000Z' })],
    [400, 'no such day', lease('a', { renewTime: '2026-02-30T00:00:00.000000Z' })],
    [400, 'seven digits', lease('a', { renewTime: '2026-01-01T00:00:00.0000000Z' })],
    [400, 'a holder that is a number', lease('a', { holderIdentity: 5 as unknown as string })],
    [500, 'a resourceVersion', lease('a', {}, { resourceVersion: '5' })],
    [422, 'a name in capitals', lease('A')],
    [422, 'a label value with a space', lease('a', {}, { labels: { a: 'a b' } })],
    [422, 'a label value of 64 characters', lease('a', {}, { labels: { a: 'x'.repeat(64) } })],
    [422, 'an annotation key with two slashes', lease('a', {}, { annotations: { 'a/b/c': '' } })],
    [400, 'an annotation that is a number', lease('a', {}, { annotations: { a: 1 as unknown as string } })],
    [422, 'annotations beyond 256 KiB', lease('a', {}, { annotations: { a: 'x'.repeat(262_144) } })],
    [400, 'another namespace', lease('a', {}, { namespace: 'elsewhere' })],
  ])('is refused with %i for %s', async (status, _, body) => {
    const stage = new Stage()
    await expect(stage.answer(stage.api.createLease(body))).rejects.toMatchObject({ name: 'ApiFailure', status })
    expect(stage.cluster.leases()).toEqual([])
  })

  it('is a frozen copy of what was sent', async () => {
    const stage = new Stage()
    const sent = { metadata: { name: 'a', annotations: { key: 'as sent' } } }
    const answer = stage.api.createLease(sent)
    sent.metadata.annotations.key = 'changed'
    const stored = await stage.answer(answer)
    expect(stored?.metadata.annotations).toEqual({ key: 'as sent' })
    expect(Object.isFrozen(stored?.metadata.annotations) && Object.isFrozen(stored)).toBe(true)
  })

  it('is changed and deleted by hand at once, under the versions and uids of the server', async () => {
    const { cluster, created } = bound(new Stage())
    const { uid, resourceVersion } = (await created('a')).metadata
    cluster.tamper('a', lease('a', { leaseDurationSeconds: -5 }, { uid: 'mine', resourceVersion: '1' }))
    expect(cluster.lease('a')).toMatchObject({ metadata: { uid }, spec: { leaseDurationSeconds: -5 } })
    expect(Number(cluster.lease('a')?.metadata.resourceVersion)).toBeGreaterThan(Number(resourceVersion))
    cluster.tamper('a', undefined)
    expect(cluster.leases()).toEqual([])
    cluster.tamper('a', undefined)
  })

  it('comes back from a backup, with the version counter, but never a uid twice', async () => {
    const { cluster, created } = bound(new Stage())
    const old = await created('a')
    const backup = cluster.backup()
    const lost = await created('b')
    cluster.tamper('a', undefined)
    cluster.restore(backup)
    expect(cluster.leases()).toEqual([old])
    expect(cluster.resourceVersion).toBe(old.metadata.resourceVersion)
    const next = await created('b')
    expect(next.metadata.resourceVersion).toBe(lost.metadata.resourceVersion)
    expect(next.metadata.uid).not.toBe(lost.metadata.uid)
  })
})

function held(one: LeaseObject, holderIdentity: string): LeaseObject {
  return { ...one, spec: { ...one.spec, holderIdentity } }
}

function bound(stage: Stage) {
  return {
    api: stage.api,
    cluster: stage.cluster,
    answer: stage.answer.bind(stage) as Stage['answer'],
    created: stage.created.bind(stage) as Stage['created'],
  }
}
