import { expect, it } from 'vitest'
import { SETTINGS } from '../src/file/settings.ts'
import { failed } from '../src/report.ts'
import { runScenario } from '../src/runner.ts'
import type { Scenario, Suite } from '../src/suite.ts'

/** The first member, which leads, has clocks of this rate; it is frozen until the second leads, and wakes. */
const freezeFirst = (rate: number): Scenario => ({
  name: `rate-${rate}`,
  about: '',
  rounds: { full: 1, quick: 1 },
  bounds: {},
  play: async stage => {
    const first = await stage.start({ settings: { rate } })
    await stage.leader()
    await stage.start()
    await stage.pause(500)
    const mark = stage.mark()
    stage.stop(first)
    await stage.nextLeader('the second leads', 10_000, mark, undefined, first)
    stage.continue(first)
    await stage.pause(500)
  },
})

function play(rate: number) {
  const suite: Suite = {
    name: 'slow-clock',
    service: new URL('./planted/slow-clock-service.ts', import.meta.url).href,
    settings: { ...SETTINGS },
    scenarios: [],
  }
  return runScenario(suite, freezeFirst(rate), { quick: true, seed: 1, keep: false })
}

it('sees two leaders of the file service where a clock is slower than the margin stands, and none where it is not', {
  timeout: 60_000,
}, async () => {
  const [slow, right] = await Promise.all([play(0.3), play(1)])
  expect(slow.overlaps.length).toBeGreaterThan(0)
  expect(slow.invalid.length).toBeGreaterThan(0)
  expect(failed(slow)).toBe(true)
  expect(right).toMatchObject({ overlaps: [], reused: [], invalid: [], broken: [] })
})
