import type { Consumer, RouteEntry } from '@dromedary/core/component'
import { describe, expect, it } from 'vitest'
import { type ContractCase, clusterServiceCases, componentCases } from '../src/contracts.ts'
import { memoryFixture, type PlantedBug } from './memory-fixture.ts'
import { sampleFixture, ticking } from './sample-component.ts'

type Change = (entry: RouteEntry) => Partial<Consumer>

/** Whether the named case fails, as it should. */
async function failsComponent(name: RegExp, change: Change): Promise<boolean> {
  const fixture = sampleFixture(entry => ({ ...ticking(entry), ...change(entry) }))
  return fails(componentCases, name, fixture)
}

async function failsCluster(name: RegExp, bug: PlantedBug): Promise<boolean> {
  const fixture = await memoryFixture(bug)
  const failed = await fails(clusterServiceCases, name, fixture)
  await fixture.dispose()
  return failed
}

async function fails<F>(cases: readonly ContractCase<F, string>[], name: RegExp, fixture: F): Promise<boolean> {
  const found = cases.filter(one => name.test(one.name))
  expect(found).toHaveLength(1)
  return (found[0]?.run(fixture) ?? Promise.resolve()).then(
    () => false,
    () => true,
  )
}

const leaks: Change = entry => ({ close: () => void entry.clock.setTimeout(() => {}, 10_000) })
const opensEarly: Change = entry => {
  entry.clock.setTimeout(() => {}, 10_000)
  return {}
}
const once: Change = entry => ({
  start: () => void entry.clock.setTimeout(() => void entry.process(entry.createExchange()), 10),
})
const throwsRefused: Change = entry => ({
  start: () =>
    void entry.clock.setTimeout(() => {
      const exchange = entry.createExchange()
      void entry.process(exchange)
      if (exchange.failed) throw exchange.exception
    }, 10),
})

describe('the component contract catches', () => {
  it.each<[string, Change, RegExp]>([
    ['a quiesce() that does nothing', () => ({ quiesce: () => {} }), /none after quiesce/],
    ['a start that hangs after its signal', () => ({ start: () => new Promise<void>(() => {}) }), /gives up a start/],
    ['a timer that outlives close()', leaks, /goes on after an exchange that failed/],
    ['a consumer that opens something when it is made', opensEarly, /opens nothing/],
    ['a consumer that brings one message', once, /brings messages in/],
    ['a consumer that throws when the route takes nothing', throwsRefused, /survives a route that takes nothing/],
  ])('%s', async (_, change, name) => {
    expect(await failsComponent(name, change)).toBe(true)
  })
})

describe('the cluster service contract catches', () => {
  it.each<[PlantedBug, RegExp]>([
    ['two members lead at once', /one leader among five members/],
    ['a release over running work', /draining holds the release/],
    ['a release at the drain deadline', /never released over/],
    ['terms start anew', /terms strictly grow/],
    ['undefined is left out', /undefined comes between/],
    ['observing completes never', /observing replays/],
  ])('%s', async (bug, name) => {
    expect(await failsCluster(name, bug)).toBe(true)
  })
})
