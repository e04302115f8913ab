import { afterEach, describe, expect, it } from 'vitest'
import { settle } from '../../testing/src/settle.ts'
import { sleep } from '../src/clock.ts'
import { defineComponent } from '../src/component.ts'
import { isDromedaryError } from '../src/errors.ts'
import { from } from '../src/index.ts'
import { ChangeStage } from './support/change-stage.ts'
import { running } from './support/run.ts'
import { ScriptedStage } from './support/scripted-stage.ts'

type At = Awaited<ReturnType<typeof running>>
let at: At | undefined
afterEach(async () => {
  await at?.context.stop()
  at = undefined
})
const statuses = ({ context }: Pick<At, 'context'>) => context.routes.map(({ id, status }) => `${id} ${status}`)

describe('what routes hold alone', () => {
  it('passes from one to another, however ids and options change', async () => {
    const stage = new ChangeStage()
    const route = (id: string, port: number, version: number) => stage.route({ id, port, ms: 3, version })
    const context = stage.context([route('a', 1, 0), route('b', 2, 0)])
    await during(stage, context.start())
    await during(stage, context.changeRoutes([route('a', 2, 1), route('b', 1, 1)]))
    await during(stage, context.changeRoutes([route('c', 2, 1), route('d', 1, 2)]))
    expect(context.routes.map(({ id, status }) => `${id} ${status}`)).toEqual(['c started', 'd started'])
    await during(stage, context.stop())
    expect(stage.failures).toEqual([])
    expect([...stage.holders]).toEqual([])
  })

  it.each(['', 'another'])('passes on when options of from are edited, also to another id: %j', async id => {
    const stage = new ScriptedStage()
    const gate = Promise.withResolvers<void>()
    const route = (delay: number) => from(`res:dir?delay=${delay}`).process(() => gate.promise)
    const context = await stage.started([route(1)])
    stage.bring('dir?delay=1')
    const changing = context.changeRoutes([id === '' ? route(2) : route(2).routeId(id)])
    await stage.clock.advance(1_000)
    expect(stage.calls).toEqual(['start dir?delay=1', 'started dir?delay=1', 'quiesce dir?delay=1'])
    gate.resolve()
    expect(await stage.during(changing)).toMatchObject(id === '' ? { replaced: ['route1'] } : { added: [id] })
    expect(stage.calls.slice(3)).toEqual(['close dir?delay=1', 'start dir?delay=2', 'started dir?delay=2'])
    await stage.end()
  })

  it('passes on to another route that found it taken, and was told so only when it had been let go of', async () => {
    let isHeld = true
    const stage: ScriptedStage = new ScriptedStage({
      start: async uri => {
        const isTaken = uri === 'other' && isHeld
        await sleep(stage.clock, 100)
        if (isTaken) throw new Error('the port is taken')
      },
      close: async () => {
        await sleep(stage.clock, 50)
        isHeld = false
      },
    })
    const context = await stage.started([from('res:port').routeId('old').log('x')])
    await stage.during(context.changeRoutes([from('res:other').routeId('new').log('x')]))
    expect(statuses({ context })).toEqual(['new started'])
    await stage.end()
  })

  it('passes from one to another while one still drains, and the other runs until then', async () => {
    const holders = new Map<string, string>()
    const port = (uri: string) => uri.replace(/^.*port=/, '')
    const stage: ScriptedStage = new ScriptedStage({
      start: uri => {
        if (holders.has(port(uri))) throw new Error(`port ${port(uri)} is taken`)
        holders.set(port(uri), uri)
      },
      close: uri => {
        if (holders.get(port(uri)) === uri) holders.delete(port(uri))
      },
    })
    const a = (at: number) => from(`res:a?port=${at}`).routeId('a').log('x')
    const b = (at: number) =>
      from(`res:b?port=${at}`)
        .routeId('b')
        .process(() => sleep(stage.clock, 20_000))
    const context = await stage.started([a(1), b(2)])
    stage.bring('b?port=2')
    const changing = context.changeRoutes([a(2), b(1)])
    await stage.clock.advance(5_000)
    expect([...holders.values()]).toEqual(['b?port=2', 'a?port=1'])
    await stage.during(changing)
    expect(statuses({ context })).toEqual(['a started', 'b started'])
    expect([...holders.values()].sort()).toEqual(['a?port=2', 'b?port=1'])
    await stage.end()
    expect(holders.size).toBe(0)
  })

  it('is waited for by nobody else', async () => {
    at = await running(
      [
        from('source:in')
          .routeId('in')
          .process(() => new Promise(() => {})),
        from('source:other').routeId('other').log('old'),
      ],
      { shutdownTimeout: 5_000 },
    )
    void at.source.bring(1)
    const changing = at.context.changeRoutes([
      from('source:in').routeId('in').log('new'),
      from('source:other').routeId('other').log('new'),
    ])
    await at.clock.advance(0)
    expect(at.source.calls).toEqual(['start', 'started', 'quiesce'])
    expect(at.sources.source('other').calls).toEqual(['start', 'started', 'quiesce', 'close', 'start', 'started'])
    await at.clock.advance(5_000)
    await changing
    expect(at.source.calls.slice(3)).toEqual(['close forced', 'start', 'started'])
  })
})

describe('a change that fails', () => {
  it('has the old consumer started again, by itself alone', async () => {
    at = await running([from('source:in').routeId('in').log('old'), from('source:kept').routeId('kept').log('kept')])
    const { source } = at
    source.onStart = () => {
      if (source.calls.length < 6) throw new Error('the port is taken')
    }
    const news: string[] = []
    at.context.events.subscribe(event => event.type === 'route' && news.push(event.status))
    const changing = at.context.changeRoutes([
      from('source:in').routeId('in').log('new'),
      from('source:kept').routeId('kept').log('kept'),
    ])
    await expect(changing).rejects.toMatchObject({ code: 'DROMEDARY_START_FAILED', message: /the port is taken/ })
    expect(news).toEqual(['stopping', 'stopped', 'starting', 'failed', 'starting', 'started'])
    expect(source.calls).toEqual(['start', 'started', 'quiesce', 'close', 'start', 'close', 'start', 'started'])
    expect(at.sources.source('kept').calls).toEqual(['start', 'started'])
    expect(statuses(at)).toEqual(['in started', 'kept started'])
    expect(at.context.route('in').definition.steps).toMatchObject([{ message: 'old' }])
  })

  it('says so when the old route cannot start again, and leaves it to the next change', async () => {
    at = await running([from('source:in').routeId('in').log('old')])
    let isBroken = true
    at.source.onStart = () => {
      if (isBroken) throw new Error('no more')
    }
    const error = await at.context.changeRoutes([from('source:in').routeId('in').log('new')]).catch(error => error)
    expect(isDromedaryError(error, 'DROMEDARY_CHANGE_FAILED')).toBe(true)
    expect((error.cause as AggregateError).errors).toHaveLength(2)
    expect(statuses(at)).toEqual(['in failed'])
    expect(at.log.messages).toContainEqual(expect.stringMatching(/error context: route in ran before .* no more/))
    isBroken = false
    await at.context.changeRoutes([from('source:in').routeId('in').log('old')])
    expect(statuses(at)).toEqual(['in started'])
  })

  it('closes the producers that it started, and touches nothing else', async () => {
    at = await running([from('source:in').routeId('in').to('sink:a')], {})
    const { context, source, sink } = at
    const changing = context.changeRoutes([from('source:in').routeId('in').to('sink:b').to('sink:a').to('source:in')])
    await expect(changing).rejects.toMatchObject({ code: 'DROMEDARY_UNSUPPORTED' })
    expect(sink.events).toEqual(['start a'])
    expect(source.calls).toEqual(['start', 'started'])
  })

  it.each([
    [
      'two routes of one id',
      [from('source:a').routeId('x'), from('source:b').routeId('x')],
      'DROMEDARY_DUPLICATE_ROUTE_ID',
    ],
    ['two routes of one name', [from('direct:a').stop(), from('direct:a').log('x')], 'DROMEDARY_DUPLICATE_CONSUMER'],
    ['an option that there is not', [from('direct:a?nosuch=1').stop()], 'DROMEDARY_UNKNOWN_OPTION'],
    ['a bad expression', [from('direct:a').log('${body')], 'DROMEDARY_INVALID_EXPRESSION'],
  ])('refuses %s', async (_, routes, code) => {
    at = await running([from('source:in').routeId('in').to('direct:a'), from('direct:a').routeId('a').to('sink:out')])
    await expect(at.context.changeRoutes(routes)).rejects.toMatchObject({ code })
    expect(statuses(at)).toEqual(['in started', 'a started'])
    at.source.bring(1)
    expect(at.sink.bodies).toEqual([1])
  })

  it('is called off by its signal while a producer starts', async () => {
    at = await running([from('source:in').routeId('in').log('old')], { components: [hanging] })
    const controller = new AbortController()
    const { signal } = controller
    const changing = at.context.changeRoutes([from('source:in').routeId('in').to('hanging:x')], { signal })
    await settle()
    const reason = new Error('saved again')
    controller.abort(reason)
    await expect(changing).rejects.toBe(reason)
    expect(at.source.calls).toEqual(['start', 'started'])
    expect(await at.context.changeRoutes([from('source:in').routeId('in').log('old')])).toMatchObject({ kept: ['in'] })
  })
})

it('changes come one after the other', async () => {
  const gate = Promise.withResolvers<void>()
  at = await running([
    from('source:in')
      .routeId('in')
      .process(() => gate.promise),
  ])
  void at.source.bring(1)
  const first = at.context.changeRoutes([from('source:in').routeId('in').log('first')])
  const second = at.context.changeRoutes([from('source:in').routeId('in').log('second')])
  const third = at.context.changeRoutes([from('nosuch:x' as string)])
  await settle()
  expect(at.source.calls).toEqual(['start', 'started', 'quiesce'])
  gate.resolve()
  await Promise.all([first, second, expect(third).rejects.toMatchObject({ code: 'DROMEDARY_UNKNOWN_SCHEME' })])
  expect(at.context.route('in').definition.steps).toMatchObject([{ message: 'second' }])
})

it('needs a context that runs', async () => {
  at = await running([from('source:in').routeId('in').log('old')])
  await at.context.stop()
  await expect(at.context.changeRoutes([])).rejects.toMatchObject({ code: 'DROMEDARY_INVALID_STATE' })
})

const hanging = defineComponent({
  scheme: 'hanging',
  title: 'Its producers never start.',
  syntax: 'name',
  path: { name: 'Any.' },
  consumes: false,
  produces: true,
  endpoint: ({ uri }) => ({
    uri,
    producer: () => ({ external: true, start: () => new Promise(() => {}), send: () => {} }),
  }),
})

async function during<T>(stage: ChangeStage, work: Promise<T>): Promise<T> {
  let isDone = false
  work
    .catch(() => {})
    .finally(() => {
      isDone = true
    })
  for (let turn = 0; turn < 200 && !isDone; turn++) await stage.clock.advance(50)
  return work
}
