import { expect, it } from 'vitest'
import { bareContender } from '../src/bare.ts'
import type { RouteName } from '../src/contender.ts'
import { dromedaryContender } from '../src/dromedary.ts'
import { parseOptions } from '../src/options.ts'
import { runWindow } from '../src/window.ts'
import { Counters } from '../src/workload.ts'

const ROUTES: readonly RouteName[] = ['R1', 'R2', 'R5', 'R7', 'R1m']

it('runs each route of Dromedary and of the bare pipeline, with counters that agree', async () => {
  await using dromedary = await dromedaryContender()
  await using bare = bareContender(dromedary.fresh)
  for (const route of ROUTES) {
    for (const contender of [dromedary, bare]) {
      const { count, nanoseconds } = await contender.window(route, 1)
      expect(count, `${contender.name} ${route}`).toBeGreaterThan(0)
      expect(nanoseconds).toBeGreaterThan(0)
    }
  }
})

it('refuses the figure of a window in which an exchange was lost', () => {
  const counters = new Counters()
  counters.seen = 99
  expect(() => counters.prove('dromedary', 'R1', 100)).toThrow('dromedary R1 counted 99 instead of 100')
  counters.seen = 1000
  expect(() => counters.prove('dromedary', 'R7', 100)).not.toThrow()
})

it('does not count a text of R5 that came out wrong', () => {
  const counters = new Counters()
  counters.look('Hello a text with x in it from ')
  expect(counters.seen).toBe(0)
})

it('awaits what went asynchronous before it sends the next one', async () => {
  let open = 0
  let most = 0
  const { count } = await runWindow(i => {
    most = Math.max(most, ++open)
    if (i % 3 !== 0) return void open--
    return Promise.resolve().then(() => open--)
  }, 1)
  expect(count % 256).toBe(0)
  expect(most).toBe(1)
})

it('says which names there are when one is wrong', () => {
  expect(() => parseOptions(['R3'])).toThrow('bench has no "R3"')
  expect(parseOptions([]).routes).toEqual(ROUTES)
  expect(parseOptions(['R5', 'depth', '--quick'])).toEqual({
    routes: ['R5'],
    others: ['depth'],
    feed: [],
    quick: true,
    json: false,
  })
})
