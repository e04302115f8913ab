import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { audit } from '../src/feed/audit.ts'
import { brokerUnavailable, openBroker } from '../src/feed/broker.ts'
import { Site } from '../src/feed/site.ts'
import { feedSuite } from '../src/feed/suite.ts'
import { failed, lastLine } from '../src/report.ts'
import { runScenario } from '../src/runner.ts'
import type { Scenario } from '../src/suite.ts'
import type { Plant } from '../test/planted/feed-member.ts'

const WORK = new URL('../test/planted/feed-member.ts', import.meta.url).href

/** A leader whose writing is wrong in one way; then it dies, and its successor goes on. */
const takeover = (plant: Plant): Scenario => ({
  name: plant,
  about: '',
  rounds: { full: 1, quick: 1 },
  bounds: {},
  play: async stage => {
    const site = await Site.open(stage, { work: WORK })
    await site.startAll(2, { settings: { plant } })
    const { member } = await site.working()
    await stage.pause(1_000)
    const mark = stage.mark()
    stage.kill(member)
    const next = await site.next(member, mark)
    await site.commit(mark, next.member)
    await stage.pause(1_000)
    await audit(site)
  },
})

const play = (plant: Plant) => runScenario(feedSuite, takeover(plant), { quick: true, seed: 1, keep: false })

// The reader is Kafka's own.
describe.skipIf(brokerUnavailable() !== undefined)('the checker finds', { timeout: 240_000 }, () => {
  let broker: AsyncDisposable
  beforeAll(async () => {
    broker = await openBroker(true)
  })
  afterAll(() => broker?.[Symbol.asyncDispose]())

  it('nothing where nothing is wrong', async () => {
    const result = await play('nothing')
    expect(result).toMatchObject({ overlaps: [], reused: [], invalid: [], broken: [] })
    expect(result.counts).toEqual({ lost: 0, duplicated: 0 })
    expect(result.takeover.count).toBeGreaterThan(0)
  })

  it('a message that a member dropped', async () => {
    const result = await play('loses')
    expect(result.counts).toMatchObject({ duplicated: 0 })
    expect(result.counts['lost']).toBeGreaterThanOrEqual(1)
    expect(failed(result)).toBe(true)
    expect(lastLine('feed', [result], feedSuite.counters)).toMatch(/lost [1-9]\d*, duplicated 0, .*BROKEN: loses/)
  })

  it('a message that a member wrote twice', async () => {
    const result = await play('doubles')
    expect(result.counts).toMatchObject({ lost: 0 })
    expect(result.counts['duplicated']).toBeGreaterThanOrEqual(1)
    expect(failed(result)).toBe(true)
    expect(lastLine('feed', [result], feedSuite.counters)).toMatch(/lost 0, duplicated [1-9]\d*, .*BROKEN: doubles/)
  })

  it('messages that were lost at a takeover because the position was ahead of what was written', async () => {
    expect((await play('keeps ahead')).counts).toEqual({ lost: expect.toSatisfy(n => n >= 7), duplicated: 0 })
  })

  it('messages that were doubled at a takeover because the position was behind', async () => {
    expect((await play('keeps behind')).counts).toEqual({ lost: 0, duplicated: expect.toSatisfy(n => n >= 7) })
  })

  it('records that are not in the order of the feed', async () => {
    const result = await play('reverses')
    expect(result.counts).toEqual({ lost: 0, duplicated: 0 })
    expect(result.broken.join()).toMatch(/records are out of order/)
  })

  it('records of a term that is over', async () => {
    const result = await play('writes an old term')
    expect(result.counts).toEqual({ lost: 0, duplicated: 0 })
    expect(result.broken.join()).toMatch(/records came after those of a later term/)
  })
})
