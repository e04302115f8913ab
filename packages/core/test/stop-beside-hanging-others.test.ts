import { expect, it } from 'vitest'
import { sleep } from '../src/clock.ts'
import { defineComponent } from '../src/component.ts'
import { constant, createContext, from, memoryAggregationRepository, useLatest } from '../src/index.ts'
import { ScriptedStage } from './support/scripted-stage.ts'

const gather = from('direct:gather')
  .routeId('gather')
  .aggregate(constant('k'), { aggregationStrategy: useLatest(), completionSize: 5, forceCompletionOnStop: true })
  .to('snk:groups')
  .end()
const input = from('res:in').routeId('in').to('direct:gather')
const never = () => new Promise<void>(() => {})

it('a stop closes and empties all others while one route hangs as it is resumed', async () => {
  let nth = 0
  const stage = new ScriptedStage({ start: uri => (uri === 'hangs' && ++nth === 2 ? never() : undefined) })
  const context = await stage.started([input, gather, from('res:hangs').routeId('hangs').log('x')])
  stage.bring('in', 'one')
  await context.route('hangs').suspend()
  void context.route('hangs').resume()
  await stage.clock.advance(1_000)
  expect(context.route('hangs').status).toBe('resuming')
  await expect(stage.during(context.stop())).rejects.toMatchObject({ code: 'DROMEDARY_SHUTDOWN_TIMEOUT' })
  expect(stage.calls).toContain('close in')
  expect(stage.sent).toEqual(['one'])
})

it('a stop closes and empties all others while one that is stopped by hand does not close', async () => {
  const stage = new ScriptedStage({ close: uri => (uri === 'hangs' ? never() : undefined) })
  const context = await stage.started([input, gather, from('res:hangs').routeId('hangs').log('x')])
  stage.bring('in', 'one')
  void context.route('hangs').stop()
  await stage.clock.advance(1_000)
  await expect(stage.during(context.stop())).rejects.toMatchObject({ code: 'DROMEDARY_SHUTDOWN_TIMEOUT' })
  expect(stage.calls).toContain('close in')
  expect(stage.sent).toEqual(['one'])
})

it('a stop keeps called routes for what one that is stopped by hand still has under way', async () => {
  const stage = new ScriptedStage()
  const slow = from('res:slow')
    .routeId('slow')
    .process(() => sleep(stage.clock, 30_000))
    .to('direct:gather')
  const context = await stage.started([slow, gather])
  const outcome = stage.bring('slow', 'late')
  const stopping = context.route('slow').stop()
  await stage.clock.advance(1_000)
  await stage.during(Promise.all([stopping, context.stop()]))
  expect(outcome).toMatchObject({ state: 'completed' })
  expect(stage.sent).toEqual(['late'])
})

it('a stop ends all called routes while the steps of one of them hang in their start', async () => {
  const stops: string[] = []
  const repository = (start: () => Promise<void> | void, stop: () => void) =>
    Object.assign(memoryAggregationRepository(), { start, stop })
  const keeps = (id: string, aggregationRepository: ReturnType<typeof repository>) =>
    from(`direct:${id}`)
      .routeId(id)
      .aggregate(constant('k'), { aggregationStrategy: useLatest(), aggregationRepository, completionSize: 5 })
      .to('snk:groups')
      .end()
  const stage = new ScriptedStage()
  const well = keeps(
    'well',
    repository(
      () => {},
      () => void stops.push('well'),
    ),
  )
  const context = await stage.started([well])
  context
    .changeRoutes([
      well,
      keeps(
        'hangs',
        repository(never, () => {}),
      ),
    ])
    .catch(() => {})
  await stage.clock.advance(1_000)
  await expect(stage.during(context.stop())).rejects.toMatchObject({ code: 'DROMEDARY_SHUTDOWN_TIMEOUT' })
  expect(stops).toEqual(['well'])
})

it('a stop leaves the others time while the consumer of one route does not quiesce', async () => {
  const stage = new ScriptedStage()
  const deaf = defineComponent({
    scheme: 'deaf',
    title: 'Never quiesces.',
    syntax: 'name',
    path: { name: 'Any.' },
    consumes: true,
    produces: false,
    endpoint: ({ uri }) => ({ uri, consumer: () => ({ start: () => {}, quiesce: never, close: () => {} }) }),
  })
  const sent: unknown[] = []
  const slowly = from('direct:gather')
    .routeId('gather')
    .aggregate(constant('k'), { aggregationStrategy: useLatest(), completionSize: 5, forceCompletionOnStop: true })
    .process(() => sleep(stage.clock, 2_500))
    .process(({ body }) => void sent.push(body))
    .end()
  const routes = [from('deaf:x').routeId('deaf').log('x'), slowly]
  const context = createContext({ routes, components: [deaf], clock: stage.clock, log: stage.log })
  await stage.during(context.start())
  await context.template.sendBody('direct:gather', 'one')
  await stage.during(context.stop())
  expect(sent).toEqual(['one'])
  expect(context.routes.map(({ status }) => status)).toEqual(['stopped', 'stopped'])
})

it('a stop closes all other producers while one hangs in its start', async () => {
  const stage = new ScriptedStage()
  const calls: string[] = []
  const out = defineComponent({
    scheme: 'out',
    title: 'Starts, or hangs.',
    syntax: 'name',
    path: { name: 'Any.' },
    consumes: false,
    produces: true,
    endpoint: ({ uri, path }) => ({
      uri,
      producer: () => ({
        external: true,
        start: () => (path.name === 'hangs' ? never() : undefined),
        send: () => {},
        close: () => void calls.push(`close ${path.name}`),
      }),
    }),
  })
  const context = createContext({ routes: [], components: [out], clock: stage.clock, log: stage.log })
  await context.start()
  context.template.sendBody('out:hangs', 'x').catch(() => {})
  await context.template.sendBody('out:well', 'x')
  await expect(stage.during(context.stop())).rejects.toMatchObject({ code: 'DROMEDARY_SHUTDOWN_TIMEOUT' })
  expect(calls).toEqual(['close well'])
})
