import { afterEach, describe, expect, it } from 'vitest'
import { settle } from '../../testing/src/settle.ts'
import { constant, from } from '../src/index.ts'
import { running } from './support/run.ts'

type At = Awaited<ReturnType<typeof running>>
let at: At | undefined
afterEach(async () => {
  await at?.context.stop()
  at = undefined
})
const statuses = ({ context }: At) => context.routes.map(({ id, status }) => `${id} ${status}`)
const input = (message: string) => from('source:in').routeId('in').log(message)
/** A consumer that gives up its start when it is told to. */
const untilAborted = (signal: AbortSignal) =>
  new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(new Error('gave up'))))

describe('a route that is steered by hand', () => {
  it.each(['stop', 'suspend'] as const)(
    'is not started by a change after a %s, until somebody starts it',
    async how => {
      at = await running([input('old')])
      await at.context.route('in')[how]()
      expect(await at.context.changeRoutes([input('new')])).toMatchObject({ replaced: ['in'] })
      expect(statuses(at)).toEqual(['in stopped'])
      await at.context.changeRoutes([input('newer')])
      expect(statuses(at)).toEqual(['in stopped'])
      await at.context.route('in').start()
      await at.context.changeRoutes([input('newest')])
      expect(statuses(at)).toEqual(['in started'])
    },
  )

  it('that has autoStartup false starts with a definition that says otherwise', async () => {
    at = await running([input('old').autoStartup(false)])
    await at.context.changeRoutes([input('new').autoStartup(false)])
    expect(statuses(at)).toEqual(['in stopped'])
    await at.context.changeRoutes([input('new')])
    expect(statuses(at)).toEqual(['in started'])
  })

  it('stops the start of what takes its place, and the change goes through', async () => {
    at = await running([input('old')])
    const old = at.context.route('in')
    at.source.onStart = untilAborted
    const changing = at.context.changeRoutes([input('new')])
    await settle()
    expect(at.source.calls.slice(-1)).toEqual(['start'])
    await old.stop()
    expect(await changing).toMatchObject({ replaced: ['in'] })
    expect(at.context.route('in').definition.steps).toMatchObject([{ message: 'new' }])
    expect(at.context.route('in').status).toBe('failed')
    at.source.onStart = () => {}
    await at.context.route('in').start()
    expect(statuses(at)).toEqual(['in started'])
  })

  it('starts in its new form when it was stopped and started while that one started', async () => {
    at = await running([input('old')])
    const old = at.context.route('in')
    at.source.onStart = untilAborted
    const changing = at.context.changeRoutes([input('new')])
    await settle()
    at.source.onStart = () => {}
    await Promise.all([old.stop(), old.start()])
    await changing
    expect(at.context.route('in').definition.steps).toMatchObject([{ message: 'new' }])
    expect(statuses(at)).toEqual(['in started'])
  })

  it('is started by the change when a start was asked for while it drained', async () => {
    const gate = Promise.withResolvers<void>()
    at = await running([
      from('source:in')
        .routeId('in')
        .process(() => gate.promise),
    ])
    void at.source.bring(1)
    const old = at.context.route('in')
    const changing = at.context.changeRoutes([input('new')])
    await settle()
    const said = Promise.all([old.stop(), old.start()])
    gate.resolve()
    await Promise.all([changing, said])
    expect(statuses(at)).toEqual(['in started'])
    expect(old.status).toBe('stopped')
    expect(at.source.calls.filter(call => call === 'start')).toHaveLength(2)
  })

  it('runs after a change that failed where its start had been asked for before that', async () => {
    const gate = Promise.withResolvers<void>()
    const slow = (version: number) =>
      from('source:in')
        .routeId('in')
        .setHeader('v', constant(version))
        .process(() => gate.promise)
    at = await running([slow(1)])
    void at.source.bring(1)
    const route = at.context.route('in')
    const said = Promise.all([route.stop(), route.start()])
    at.sources.source('bad').onStart = () => Promise.reject(new Error('cannot start'))
    const refused = at.context.changeRoutes([slow(2), from('source:bad').routeId('bad').log('x')])
    refused.catch(() => {})
    await settle()
    gate.resolve()
    await said
    await expect(refused).rejects.toThrow('cannot start')
    expect(statuses(at)).toEqual(['in started'])
  })

  it.each([
    ['stopped', ['stop'] as const],
    ['started', ['stop', 'start'] as const],
  ])('is %s in the end, when that is said while the change waits for another route', async (status, words) => {
    const slow = Promise.withResolvers<void>()
    const other = (message: string) => from('source:other').routeId('other').log(message)
    at = await running([input('old'), other('old')])
    at.sources.source('other').onStart = () => slow.promise
    const old = at.context.route('in')
    const changing = at.context.changeRoutes([input('new'), other('new')])
    await settle()
    expect(at.source.calls.slice(-1)).toEqual(['started'])
    for (const word of words) await old[word]()
    slow.resolve()
    await changing
    expect(statuses(at)).toEqual([`in ${status}`, 'other started'])
  })

  it('is not what has taken its place', async () => {
    at = await running([input('old')])
    const old = at.context.route('in')
    await at.context.changeRoutes([input('new')])
    await expect(old.start()).rejects.toMatchObject({ code: 'DROMEDARY_INVALID_STATE', message: /context\.route\(\)/ })
    await old.stop()
    expect(statuses(at)).toEqual(['in started'])
  })
})

describe('a stop of the context', () => {
  it('ends a change that waits for a start', async () => {
    at = await running([input('old'), from('source:other').routeId('other').log('old')])
    at.source.onStart = untilAborted
    const changing = at.context.changeRoutes([input('new'), from('source:other').routeId('other').log('new')])
    await settle()
    const stopping = at.context.stop()
    await expect(changing).rejects.toMatchObject({ code: 'DROMEDARY_INVALID_STATE', message: /was stopped/ })
    await stopping
    expect(at.source.calls).toEqual(['start', 'started', 'quiesce', 'close', 'start', 'close'])
    expect(at.sources.source('other').calls.slice(-2)).toEqual(['quiesce', 'close'])
  })

  it('ends a change that drains, in the time of the stop', async () => {
    at = await running(
      [
        from('source:in')
          .routeId('in')
          .process(() => new Promise(() => {})),
      ],
      { shutdownTimeout: 5_000 },
    )
    void at.source.bring(1)
    const changing = at.context.changeRoutes([input('new')])
    await at.clock.advance(1_000)
    const stopping = at.context.stop()
    await expect(changing).rejects.toMatchObject({ code: 'DROMEDARY_INVALID_STATE' })
    await at.clock.advance(5_000)
    await stopping
    expect(at.source.calls).toEqual(['start', 'started', 'quiesce', 'close forced'])
  })

  it('lets a change begin no more', async () => {
    at = await running([input('old')])
    const first = at.context.changeRoutes([input('new')])
    const second = at.context.changeRoutes([input('newer')])
    const refused = Promise.allSettled([first, second])
    await at.context.stop()
    expect((await refused).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(at.source.calls.filter(call => call === 'start').length).toBe(
      at.source.calls.filter(call => call === 'close').length,
    )
  })
})

it('the newest event of an id is about the route that has it', async () => {
  const gate = Promise.withResolvers<void>()
  const old = from('direct:a')
    .routeId('a')
    .process(() => gate.promise)
  at = await running([from('source:in').routeId('in').to('direct:a'), old])
  const told: string[] = []
  at.context.events.subscribe(event => {
    if (event.type === 'route') told.push(`${event.routeId} ${event.status}`)
  })
  void at.source.bring(1)
  const changing = at.context.changeRoutes([
    from('source:in').routeId('in').to('direct:a'),
    from('direct:a').routeId('a').log('new'),
    from('direct:b').routeId('b').log('new'),
  ])
  gate.resolve()
  await changing
  expect(told).toEqual(['a starting', 'b starting', 'a started', 'b started'])
  await at.context.changeRoutes([
    from('source:in').routeId('in').to('direct:a'),
    from('direct:a').routeId('a').log('new'),
  ])
  expect(told.slice(4)).toEqual(['b stopping', 'b stopped'])
})
