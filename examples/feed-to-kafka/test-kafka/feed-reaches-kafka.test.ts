import { findServerSource } from '@dromedary/test-servers/kafka'
import { eventually } from '@dromedary/testing'
import { describe, expect, it } from 'vitest'
import { report } from '../src/check/index.ts'
import { messageOf } from '../src/simulator/index.ts'
import { saleOf, trade } from '../src/trade.ts'
import { LEADS, stage } from './support/stage.ts'

// The reader is Kafka's own.
describe.skipIf(findServerSource().kind === 'none')('one member', { timeout: 120_000 }, () => {
  it.for(['tcp', 'websocket'])(
    'brings every message of a %s feed to Kafka, once, in order and translated',
    async source => {
      const total = 20_000
      const { simulator, member, settled, read } = await stage({ total, seed: 5 })
      const only = await member(`feed.source=${source}`)
      await only.waitForLine(LEADS)
      await eventually(() => simulator.stats.head === total, { within: 60_000 })
      await settled()
      expect((await only.stop()).code).toBe(0)
      const { verdict, values, dead } = await read(total)
      expect(report(verdict).at(-1), report(verdict).join('\n')).toMatch(/^OK/)
      expect(verdict).toMatchObject({ records: total, deadLetters: 0 })
      const message = messageOf({ seed: 5, malformedEvery: 0 })
      for (const [seq, value] of values)
        expect(JSON.parse(value)).toEqual(saleOf(trade.parse(JSON.parse(message(seq)))))
      expect(dead).toEqual([])
    },
  )

  it('puts what is no valid message into the topic for that, as it came', async () => {
    const total = 5_000
    const { simulator, member, settled, read } = await stage({ total, malformedEvery: 50 })
    const only = await member()
    await eventually(() => simulator.stats.head === total, { within: 60_000 })
    await settled()
    await only.stop()
    const { verdict, dead } = await read(total)
    expect(verdict.ok, report(verdict).join('\n')).toBe(true)
    const message = messageOf({ seed: 1, malformedEvery: 50 })
    expect(dead).toEqual(Array.from({ length: 100 }, (_, i) => message((i + 1) * 50)))
  })

  it('goes on where it was, however the feed drops its connections', async () => {
    const total = 20_000
    const { simulator, member, settled, read } = await stage({ total, dropEvery: 3_000, dropHow: 'cut' })
    const only = await member()
    await eventually(() => simulator.stats.head === total, { within: 60_000 })
    await settled()
    await only.stop()
    const { verdict } = await read(total)
    expect(verdict.ok, report(verdict).join('\n')).toBe(true)
    expect(simulator.stats.connections).toBeGreaterThanOrEqual(7)
    expect(simulator.stats.overlaps).toBe(0)
  })

  it('starts again where it has stopped', async () => {
    const { simulator, member, settled, read } = await stage({ rate: 2_000 })
    const first = await member()
    await eventually(() => simulator.stats.sent > 1_000, { within: 20_000 })
    await first.stop()
    const second = await member()
    const last = await settled()
    await second.stop()
    const { verdict } = await read(last)
    expect(verdict.ok, report(verdict).join('\n')).toBe(true)
    expect(verdict.terms).toHaveLength(2)
    expect(simulator.stats.requests[1]).toBeGreaterThan(0)
  })
})
