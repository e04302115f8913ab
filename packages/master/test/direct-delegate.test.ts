import { constant, from, useLatest } from '@dromedary/core'
import { afterEach, expect, it } from 'vitest'
import { World } from './cluster-kit.ts'

let world = new World()
afterEach(async () => {
  const last = world
  world = new World()
  await last.stop()
})

it('a call fails at once when the route that wrapped direct: is there no more', async () => {
  const kept = from('direct:kept').routeId('kept').log('x')
  const { context } = await world.node(() => [from('master:ns:direct:x').routeId('led').log('x'), kept])
  await world.clock.advance(10_000)
  await context.template.sendBody('direct:x', 'a')
  for (let again = 0; again < 2; again++) {
    await world.during(context.route('led').suspend())
    await world.during(context.route('led').resume())
    await world.clock.advance(10_000)
  }
  await context.template.sendBody('direct:x', 'a')
  await world.during(context.changeRoutes([kept]))
  const before = world.clock.monotonic()
  await expect(world.during(context.template.sendBody('direct:x', 'a'))).rejects.toThrow(/no route consumes from it/)
  expect(world.clock.monotonic() - before).toBeLessThan(1_000)
})

it.each([true, false])('two routes do not consume from one direct:, also where one wraps it: %j', async isFirst => {
  const routes = [from('master:ns:direct:x').routeId('led').log('x'), from('direct:x').routeId('plain').log('x')]
  const starting = world.node(() => (isFirst ? routes : routes.toReversed()))
  await expect(starting).rejects.toMatchObject({ code: 'DROMEDARY_DUPLICATE_CONSUMER' })
})

it('a direct: that becomes led elsewhere is answered until the called routes that go with it are empty', async () => {
  await world.node(() => [from('master:ns:direct:x').routeId('x').log('x')])
  await world.clock.advance(10_000)
  const got: unknown[] = []
  const group = { aggregationStrategy: useLatest(), completionSize: 9, forceCompletionOnStop: true }
  const { context } = await world.node(() => [
    from('direct:x')
      .routeId('x')
      .process(({ body }) => void got.push(body)),
    from('direct:y').routeId('y').aggregate(constant('k'), group).to('direct:x').end(),
  ])
  await context.template.sendBody('direct:y', 'kept')
  await world.during(context.changeRoutes([from('master:ns:direct:x').routeId('x').log('x')]))
  expect(got).toEqual(['kept'])
})
