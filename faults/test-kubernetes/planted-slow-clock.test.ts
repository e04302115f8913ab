import { expect, it } from 'vitest'
import { openServer } from '../src/kubernetes/server.ts'
import { SHORT } from '../src/kubernetes/settings.ts'
import { Site } from '../src/kubernetes/site.ts'
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
    const site = await Site.open(stage, { timing: SHORT })
    const first = await site.start({ settings: { rate } })
    await site.leader()
    await site.start()
    await site.betweenRenewals()
    const mark = stage.mark()
    stage.stop(first)
    await site.next(first, mark)
    stage.continue(first)
    await stage.pause(500)
  },
})

function play(rate: number) {
  const suite: Suite = {
    name: 'slow-clock',
    service: new URL('../test/planted/slow-clock-kubernetes-service.ts', import.meta.url).href,
    settings: {},
    scenarios: [],
  }
  return runScenario(suite, freezeFirst(rate), { quick: true, seed: 1, keep: false })
}

it('sees two leaders of the Kubernetes service where a clock is slower than the margin stands, and none where it is not', async () => {
  await using _ = await openServer()
  const [slow, right] = await Promise.all([play(0.3), play(1)])
  expect(slow.overlaps.length).toBeGreaterThan(0)
  expect(failed(slow)).toBe(true)
  expect(right).toMatchObject({ overlaps: [], reused: [], invalid: [], broken: [] })
})
