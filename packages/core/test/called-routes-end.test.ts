import { afterEach, describe, expect, it } from 'vitest'
import { settle } from '../../testing/src/settle.ts'
import { constant, from, groupedBody, memoryAggregationRepository } from '../src/index.ts'
import { running } from './support/run.ts'

type At = Awaited<ReturnType<typeof running>>
let at: At | undefined
afterEach(async () => {
  await at?.context.stop()
  at = undefined
})

/** A called route that keeps what it gets until it stops, then hands it on. */
const gathering = (name: string, to: string, completeAll = false) =>
  from(`direct:${name}`)
    .routeId(name)
    .aggregate(constant('all'), {
      aggregationStrategy: groupedBody(),
      ...(completeAll ? { completionTimeout: 100, completeAllOnStop: true } : { forceCompletionOnStop: true }),
    })
    .toD(`direct:${to}`)
    .end()
const last = from('direct:last').routeId('last').to('sink:out')

describe('called routes at a stop', () => {
  it.each([
    ['in the order of calls', ['a', 'b', 'c']],
    ['against it', ['c', 'b', 'a']],
    ['mixed', ['b', 'c', 'a']],
  ])('hand on what they keep to each other, written %s', async (_, order) => {
    const next = { a: 'b', b: 'c', c: 'last' } as const
    const routes = order.map(name => gathering(name, next[name as 'a']))
    at = await running([from('source:in').to('direct:a'), last, ...routes])
    for (const body of [1, 2]) at.source.bring(body)
    await at.context.stop()
    expect(at.sink.bodies).toEqual([[[[1, 2]]]])
  })

  it('wait for groups that are complete by and by', async () => {
    at = await running([
      from('source:in').to('direct:a'),
      gathering('b', 'last', true),
      gathering('a', 'b', true),
      last,
    ])
    at.source.bring(1)
    const stopping = at.context.stop()
    await at.clock.advance(1_000)
    await stopping
    expect(at.sink.bodies).toEqual([[[1]]])
  })

  it('end together when they call each other in a circle', async () => {
    at = await running([from('source:in').to('direct:a'), gathering('a', 'b'), gathering('b', 'a')])
    at.source.bring(1)
    await at.context.stop()
    expect(at.context.status).toBe('stopped')
    expect(at.context.routes.map(({ status }) => status)).toEqual(['stopped', 'stopped', 'stopped'])
  })

  it('are not held up by one that hangs', async () => {
    at = await running(
      [
        from('source:in').to('direct:a'),
        from('source:other').to('direct:hangs'),
        gathering('b', 'last'),
        from('direct:hangs')
          .routeId('hangs')
          .process(() => new Promise(() => {})),
        gathering('a', 'b'),
        last,
      ],
      { shutdownTimeout: 5_000 },
    )
    at.source.bring(1)
    void at.sources.source('other').bring(2)
    const stopping = at.context.stop()
    // The route whose exchange hangs is itself waited for first.
    await at.clock.advance(5_000)
    expect(at.sink.bodies).toEqual([[[1]]])
    await at.clock.advance(10_000)
    await stopping
  })

  it('take nothing from outside while they empty', async () => {
    const gate = Promise.withResolvers<void>()
    at = await running([
      from('direct:a')
        .routeId('a')
        .process(() => gate.promise)
        .to('sink:out'),
    ])
    const one = at.context.template.sendBody('direct:a', 1)
    await settle()
    const stopping = at.context.stop()
    await settle()
    await expect(at.context.template.sendBody('direct:a', 2)).rejects.toMatchObject({ code: 'DROMEDARY_NOT_ACCEPTING' })
    gate.resolve()
    await one
    await stopping
    expect(at.sink.bodies).toEqual([1])
  })
})

describe('groups of a route that is changed', () => {
  const grouped = (more: object, to = 'sink:out') =>
    from('direct:g')
      .routeId('g')
      .aggregate(constant('all'), { aggregationStrategy: groupedBody(), ...more })
      .to(to)
      .end()
  const input = from('source:in').routeId('in').to('direct:g')

  it('are completed as at a stop', async () => {
    at = await running([input, grouped({ completionSize: 3, forceCompletionOnStop: true })])
    at.source.bring(1)
    await at.context.changeRoutes([input, grouped({ completionSize: 2, forceCompletionOnStop: true })])
    expect(at.sink.bodies).toEqual([[1]])
    at.source.bring(2)
    at.source.bring(3)
    expect(at.sink.bodies).toEqual([[1], [2, 3]])
  })

  it('go on in a route that is kept', async () => {
    const kept = grouped({ completionSize: 3 })
    at = await running([input, kept])
    at.source.bring(1)
    await at.context.changeRoutes([from('source:in').routeId('in').log('new').to('direct:g'), kept])
    at.source.bring(2)
    at.source.bring(3)
    expect(at.sink.bodies).toEqual([[1, 2, 3]])
  })

  it.each([['direct:g'], ['source:in']])('are taken over with their repository, in a route from %s', async uri => {
    const repository = { ...kept(), confirm: () => {} }
    const route = (completionSize: number) =>
      from(uri)
        .routeId('g')
        .aggregate(constant('all'), {
          aggregationStrategy: groupedBody(),
          aggregationRepository: repository,
          completionSize,
          completionTimeout: 1_000,
        })
        .to('sink:out')
        .end()
    const rest = uri === 'direct:g' ? [input] : []
    at = await running([...rest, route(3)])
    at.source.bring(1)
    await at.context.changeRoutes([...rest, route(2)])
    at.source.bring(2)
    expect(at.sink.bodies).toEqual([[1, 2]])
    at.source.bring(3)
    await at.context.changeRoutes([...rest, route(4)])
    await at.clock.advance(1_000)
    expect(at.sink.bodies).toEqual([[1, 2], [3]])
  })

  /** Outlives its routes. */
  function kept() {
    const memory = memoryAggregationRepository()
    const { get, add, remove, keys } = memory
    return { get: get.bind(memory), add: add.bind(memory), remove: remove.bind(memory), keys: keys.bind(memory) }
  }
})
