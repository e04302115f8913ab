import { describe, expect, it } from 'vitest'
import type { WatchSelector } from '../../src/api.ts'
import type { LeaseObject } from '../../src/objects.ts'
import { outcome, recorded } from '../support/recorded.ts'
import { lease, Stage } from './stage.ts'

const watchOf = (stage: Stage, selector: WatchSelector = { name: 'a' }) =>
  recorded<LeaseObject>(listener => stage.api.watchLeases(selector, listener))

const labelled = (name: string, value: string) => lease(name, {}, { labels: { app: value } })

describe('a watch of the simulated server', () => {
  it('opens after the latency, tells what there is, then each change in order', async () => {
    const stage = new Stage()
    const created = await stage.created('a')
    stage.cluster.tamper('b', lease('b'))
    const { lines, objects } = watchOf(stage)
    expect(lines).toEqual([])
    await stage.clock.advance(1.9)
    expect(lines).toEqual([])
    await stage.clock.advance(0.1)
    expect(lines).toEqual(['opened', 'ADDED a'])
    stage.cluster.tamper('a', lease('a', { holderIdentity: 'one' }))
    stage.cluster.tamper('b', undefined)
    stage.cluster.tamper('a', undefined)
    stage.cluster.tamper('a', lease('a'))
    expect(lines).toHaveLength(2)
    await stage.clock.advance(1)
    expect(lines.slice(2)).toEqual(['MODIFIED a', 'DELETED a', 'ADDED a'])
    expect(objects[0]).toEqual(created)
    const versions = objects.map(one => Number(one.metadata.resourceVersion))
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b))
    expect(objects[2]).toMatchObject({ metadata: { uid: created.metadata.uid }, spec: { holderIdentity: 'one' } })
  })

  it('tells of a write about when it is answered', async () => {
    const stage = new Stage()
    const { lines } = watchOf(stage)
    await stage.clock.advance(10)
    const write = outcome(stage.api.createLease(lease('a')))
    await stage.clock.advance(1.9)
    expect([write.state, lines.length]).toEqual(['pending', 1])
    await stage.clock.advance(0.1)
    expect([write.state, lines.length]).toEqual(['resolved', 2])
  })

  it('with a label says DELETED of an object that loses it, as it was, and ADDED when it has it again', async () => {
    const stage = new Stage()
    stage.cluster.tamper('a', labelled('a', 'x'))
    stage.cluster.tamper('b', labelled('b', 'y'))
    const { lines, objects } = watchOf(stage, { label: 'app=x' })
    await stage.clock.advance(10)
    stage.cluster.tamper('a', labelled('a', 'y'))
    const version = stage.cluster.resourceVersion
    stage.cluster.tamper('a', labelled('a', 'z'))
    stage.cluster.tamper('a', labelled('a', 'x'))
    await stage.clock.advance(10)
    expect(lines).toEqual(['opened', 'ADDED a', 'DELETED a', 'ADDED a'])
    expect(objects[1]?.metadata).toMatchObject({ labels: { app: 'x' }, resourceVersion: version })
  })

  it.each([
    ['app', 'a b'],
    ['!app', 'c'],
    ['app=x', 'a'],
    ['app==x', 'a'],
    ['app!=x', 'b c'],
    ['app, app!=x', 'b'],
  ])('understands the label selector %s', async (label, names) => {
    const stage = new Stage()
    stage.cluster.tamper('a', labelled('a', 'x'))
    stage.cluster.tamper('b', labelled('b', 'y'))
    stage.cluster.tamper('c', lease('c'))
    const { objects } = watchOf(stage, { label })
    await stage.clock.advance(10)
    expect(objects.map(one => one.metadata.name).join(' ')).toBe(names)
  })

  it('with a label selector that is none is refused', async () => {
    const stage = new Stage()
    const { lines } = watchOf(stage, { label: 'a b' })
    await stage.clock.advance(10)
    expect(lines).toEqual(['closed 400 BadRequest'])
  })

  it('brings a bookmark each minute, with nothing but the version', async () => {
    const stage = new Stage()
    const { lines, objects } = watchOf(stage)
    await stage.clock.advance(60_001)
    expect(lines).toEqual(['opened'])
    await stage.clock.advance(1)
    expect(lines).toEqual(['opened', 'BOOKMARK'])
    expect(objects).toEqual([{ metadata: { resourceVersion: stage.cluster.resourceVersion }, spec: {} }])
    await stage.clock.advance(120_000)
    expect(lines).toEqual(['opened', 'BOOKMARK', 'BOOKMARK', 'BOOKMARK'])
  })

  it('of a server that says so brings a bookmark behind what there is', async () => {
    const stage = new Stage({ initialBookmark: true })
    stage.cluster.tamper('a', lease('a'))
    const { lines, objects } = watchOf(stage)
    await stage.clock.advance(10)
    expect(lines).toEqual(['opened', 'ADDED a', 'BOOKMARK'])
    expect(objects[1]?.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' })
  })

  it('is ended by the server after half an hour, or as it is told, and brings nothing more', async () => {
    for (const [options, ms] of [
      [{}, 1_800_000],
      [{ watchTimeoutMs: 5_000 }, 5_000],
    ] as const) {
      const stage = new Stage({ bookmarkMs: 10_000_000, ...options })
      const { lines } = watchOf(stage)
      await stage.clock.advance(ms + 1.9)
      expect(lines).toEqual(['opened'])
      await stage.clock.advance(0.1)
      expect(lines).toEqual(['opened', 'closed'])
      stage.cluster.tamper('a', lease('a'))
      await stage.clock.advance(2 * ms)
      expect(lines).toEqual(['opened', 'closed'])
      expect(stage.cluster.openWatches).toBe(0)
    }
  })

  it('that is closed brings nothing more, not even what is on its way', async () => {
    const stage = new Stage()
    const early = watchOf(stage)
    early.watch.close()
    const { watch, lines } = watchOf(stage)
    await stage.clock.advance(10)
    expect(stage.cluster.openWatches).toBe(1)
    stage.cluster.tamper('a', lease('a'))
    watch.close()
    watch.close()
    await stage.clock.advance(10)
    expect(stage.clock.pending).toBe(0)
    await stage.clock.advance(3_600_000)
    expect([lines, early.lines]).toEqual([['opened'], []])
    expect(stage.cluster.openWatches).toBe(0)
  })

  it('breaks when a backup is restored', async () => {
    const stage = new Stage()
    const { lines } = watchOf(stage)
    await stage.clock.advance(10)
    stage.cluster.restore(stage.cluster.backup())
    await stage.clock.advance(10)
    expect(lines).toEqual(['opened', 'closed ECONNRESET'])
  })
})
