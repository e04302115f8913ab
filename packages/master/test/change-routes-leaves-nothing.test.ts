import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { from } from '@dromedary/core'
import type { Exchange } from '@dromedary/core/component'
import { settle } from '@dromedary/testing'
import { expect, it } from 'vitest'
import { World } from './cluster-kit.ts'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

it('a leadership that is kept over many changes keeps none of the routes that led under it', async () => {
  const world = new World()
  const old: WeakRef<object>[] = []
  const leaderships: WeakRef<object>[] = []
  const version = (fire: (exchange: Exchange) => void, n: number) => {
    const step = (exchange: Exchange) => {
      fire(exchange)
      leaderships.push(new WeakRef(exchange.guard?.leadership ?? {}))
    }
    old.push(new WeakRef(step))
    return [
      from(`master:ns:tick:x?every=${100 + n}`)
        .routeId('one')
        .process(step),
    ]
  }
  let made = (_: number) => version(() => {}, 0)
  const { context } = await world.node(fire => {
    made = n => version(fire, n)
    return made(0)
  })
  await world.clock.advance(5_000)
  for (let n = 1; n <= 20; n++) {
    await world.during(context.changeRoutes(made(n)))
    await world.clock.advance(500)
  }
  expect(new Set(world.fired.map(({ term }) => term)).size).toBe(1)
  // The fake clock keeps a timer that was cancelled until its time.
  await world.clock.advance(120_000)
  for (let at = 0; at < 5; at++) {
    await settle(3)
    gc()
  }
  const alive = (refs: readonly WeakRef<object>[]) => new Set(refs.map(ref => ref.deref()).filter(one => one)).size
  expect(alive(old)).toBe(1)
  expect(leaderships.length).toBeGreaterThan(100)
  expect(alive(leaderships)).toBe(1)
  await world.stop()
})
