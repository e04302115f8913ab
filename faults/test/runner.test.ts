import { describe, expect, it } from 'vitest'
import { Gate } from '../src/gate.ts'
import { runScenario, runScenarios } from '../src/runner.ts'
import type { Scenario, Suite } from '../src/suite.ts'

const options = { quick: false, seed: 1, keep: false }
const scenario = (more: Partial<Scenario>): Scenario => ({
  name: 'one',
  about: '',
  rounds: { full: 6, quick: 2 },
  bounds: {},
  play: () => Promise.resolve(),
  ...more,
})
const suite: Suite = { name: 'file', service: '', settings: {}, scenarios: [] }
const run = (more: Partial<Scenario>, how: object = {}) => runScenario(suite, scenario(more), { ...options, ...how })

describe('the runner', () => {
  it('takes a run in which nobody led for broken', async () => {
    expect((await run({})).broken).toEqual(['nobody led, or nothing was sent'])
  })

  it('does not play what this machine cannot, and says why', async () => {
    const result = await run({ unavailable: () => 'no disk', play: () => Promise.reject(new Error('played')) })
    expect(result).toMatchObject({ skipped: 'no disk', runs: 0, broken: [] })
  })

  it('reports what a scenario waited for in vain', async () => {
    const result = await run({ play: () => Promise.reject(new Error('nobody came')) })
    expect(result.broken[0]).toBe('nobody came')
  })

  it.each([
    [{ max: 10 }, [5, 11], ['max is 11.0 ms, more than 10 ms']],
    [{ p50: 4 }, [5, 6, 7], ['p50 is 6.0 ms, more than 4 ms']],
    [{ max: 10 }, [], ['max is NaN ms, more than 10 ms']],
    [{ p50: 6, p95: 7, max: 7, leaderless: 0 }, [5, 6, 7], []],
    [{ p95: 4 }, [...Array<number>(18).fill(3), 5, 5], ['p95 is 5.0 ms, more than 4 ms']],
    [{ p95: 4, max: 5 }, [...Array<number>(17).fill(3), 5, 5], []],
    [{ p95: 4 }, [], ['p95 is NaN ms, more than 4 ms']],
  ])('compares %o with the samples %o', async (bounds, samples, broken) => {
    const result = await run({
      bounds,
      play: async stage => {
        stage.samples.push(...samples)
      },
    })
    expect(result.broken.slice(0, -1)).toEqual(broken)
  })

  it('widens time bounds in a quick run, and plays fewer rounds', async () => {
    const slow = scenario({
      bounds: { max: 10 },
      play: async stage => {
        stage.samples.push(40)
      },
    })
    expect((await runScenario(suite, slow, options)).broken).toHaveLength(2)
    const quick = await runScenario(suite, slow, { ...options, quick: true })
    expect(quick).toMatchObject({ runs: 2, bounds: { max: 50 } })
    expect(quick.broken).toHaveLength(1)
  })

  it('widens a bound of seconds by no more than ten', async () => {
    const slow = scenario({ bounds: { max: 15_500 } })
    expect((await runScenario(suite, slow, { ...options, quick: true })).bounds).toEqual({ max: 25_500 })
  })

  it('disposes of what a stage needs, after its members have ended', async () => {
    const order: string[] = []
    const result = await run({
      play: async stage => {
        stage.figures.push('so many')
        stage.owned.defer(() => void order.push(`disposed with ${stage.members.length} members`))
        order.push('played')
      },
    })
    expect(order).toEqual(['played', 'disposed with 0 members'])
    expect(result.figures).toEqual(['so many'])
  })

  it('opens a suite before its scenarios are played, and disposes of it after', async () => {
    const order: string[] = []
    const open = async (): Promise<AsyncDisposable> => {
      order.push('opened')
      return { [Symbol.asyncDispose]: async () => void order.push('disposed') }
    }
    const scenarios = [scenario({ play: async () => void order.push('played') })]
    await runScenarios({ ...options, suite: { ...suite, open }, scenarios }, () => {})
    expect(order).toEqual(['opened', 'played', 'disposed'])
  })

  it('neither opens nor plays a suite that this machine cannot, and says why', async () => {
    const never = () => Promise.reject(new Error('never'))
    const poor = { ...suite, unavailable: () => 'no server', open: never }
    const results = await runScenarios({ ...options, suite: poor, scenarios: [scenario({ play: never })] }, () => {})
    expect(results).toMatchObject([{ skipped: 'no server', runs: 0, broken: [] }])
  })

  it('spreads rounds over lanes, and takes --runs only where the cases do not fix them', async () => {
    const played: number[][] = []
    const play: Scenario['play'] = async (_, rounds) => {
      played.push([...rounds])
    }
    await run({ play, lanes: 2 })
    expect(played).toEqual([
      [0, 2, 4],
      [1, 3, 5],
    ])
    expect((await run({ play }, { runs: 9 })).runs).toBe(9)
    expect((await run({ play, fixed: true }, { runs: 9 })).runs).toBe(6)
  })

  it('plays side by side only in a quick run, and tells in order', async () => {
    for (const [quick, most] of [
      [true, 4],
      [false, 1],
    ] as const) {
      let now = 0
      let highest = 0
      const play = (ms: number) => async () => {
        highest = Math.max(highest, ++now)
        await new Promise(resolve => setTimeout(resolve, ms))
        now -= 1
      }
      const scenarios = [30, 20, 10, 1].map((ms, index) =>
        scenario({ name: `s${index}`, rounds: { full: 1, quick: 1 }, play: play(ms) }),
      )
      const told: string[] = []
      await runScenarios({ ...options, quick, suite, scenarios }, result => told.push(result.scenario))
      expect(told).toEqual(['s0', 's1', 's2', 's3'])
      expect(highest).toBe(most)
    }
  })
})

it('a gate lets through no more than its places, and one after the other', async () => {
  const gate = new Gate(2)
  const order: string[] = []
  const work = (name: string) => async () => {
    order.push(`${name} in`)
    await Promise.resolve()
    order.push(`${name} out`)
    if (name === 'a') throw new Error('fails')
  }
  await Promise.allSettled(['a', 'b', 'c'].map(name => gate.through(work(name))))
  expect(order).toEqual(['a in', 'b in', 'a out', 'b out', 'c in', 'c out'])
})
