import { from } from '@dromedary/core'
import type { Exchange } from '@dromedary/core/component'
import { afterEach, describe, expect, it } from 'vitest'
import { type Node, World } from './cluster-kit.ts'

describe('what a stop has ended by force, while another route keeps the term open', () => {
  let world = new World()
  afterEach(async () => {
    const last = world
    world = new World()
    await last.stop()
  })

  /** `one` is stuck in its first exchange, and may drain for five seconds; `beside` leads the same namespace. */
  const stuck = async () => {
    const gate = Promise.withResolvers<void>()
    const held: Exchange[] = []
    const wait = async (exchange: Exchange) => {
      held.push(exchange)
      if (held.length === 1) await gate.promise
    }
    const beside = from('master:ns:tick:y')
      .routeId('beside')
      .process(() => {})
    const node = await world.node(() => [from('master:ns:tick:x').routeId('one').process(wait), beside], 5_000)
    await world.clock.advance(10_000)
    expect(held.length).toBeGreaterThan(0)
    return { node, gate, beside, old: held[0] as Exchange, newest: () => held.at(-1) }
  }

  const again = async ({ context }: Node) => {
    await world.during(context.route('one').stop())
    await world.during(context.route('one').start())
  }

  it('may not send beside the delegate that is started by hand', async () => {
    const { node, gate, old, newest } = await stuck()
    expect(old.guard?.isValid()).toBe(true)
    await again(node)
    await world.clock.advance(1_500)
    expect([newest()?.guard?.isValid(), old.guard?.isValid()]).toEqual([true, false])
    gate.resolve()
  })

  it('may not send beside the delegate of the route that took its place', async () => {
    const { node, gate, beside, old } = await stuck()
    const valid: unknown[] = []
    const next = from('master:ns:tick:x')
      .routeId('one')
      .process(() => void valid.push(old.guard?.isValid()))
    await world.during(node.context.changeRoutes([next, beside]))
    await world.clock.advance(1_500)
    expect(valid.length).toBeGreaterThan(0)
    expect(new Set(valid)).toEqual(new Set([false]))
    gate.resolve()
  })
})
