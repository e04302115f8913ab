import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Exchange, ExchangeGuard, RouteEntry, ScopeGuard } from '../src/component.ts'
import {
  type Context,
  type ContextOptions,
  createContext,
  defaultErrorHandler,
  from,
  type RouteSource,
} from '../src/index.ts'
import { STACK_LIMIT } from '../src/runtime/stack.ts'
import { keepingSink } from './support/log.ts'
import { sources } from './support/source.ts'

const turn = () => new Promise(resolve => setImmediate(resolve))
const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    const giveUp = () => reject(new Error('gave up'))
    if (signal.aborted) giveUp()
    signal.addEventListener('abort', giveUp)
  })
let input = sources()
let log = keepingSink()
let context: Context

function make(routes: RouteSource[], options: Partial<ContextOptions> = {}) {
  log = keepingSink()
  context = createContext({ log, shutdownTimeout: 20, ...options, routes, components: [input.component] })
  return context
}
beforeEach(() => {
  input = sources()
})
afterEach(() => context.stop())

describe('a stop', () => {
  it('aborts a start that was asked for just before', async () => {
    await make([from('source:in').routeId('r').autoStartup(false)]).start()
    input.source('in').onStart = untilAborted
    const route = context.route('r')
    await Promise.all([route.start(), route.stop()])
    expect([route.status, input.source('in').calls]).toEqual(['stopped', []])
  })

  it('aborts a start from within the event that tells of it', async () => {
    make([from('source:in')])
    input.source('in').onStart = untilAborted
    context.events.subscribe(event => {
      if (event.type === 'route' && event.status === 'starting') void context.stop()
    })
    await expect(context.start()).rejects.toThrow('was stopped before its start was through')
    expect(input.source('in').calls).toEqual([])
    expect(context.routes.map(({ status }) => status)).toEqual(['stopped'])
  })

  it('of the context is final: no route starts or resumes afterwards', async () => {
    await make([from('source:in').routeId('r')]).start()
    const route = context.route('r')
    await context.stop()
    await expect(route.start()).rejects.toMatchObject({ code: 'DROMEDARY_INVALID_STATE' })
    await expect(route.resume()).rejects.toMatchObject({ code: 'DROMEDARY_INVALID_STATE' })
    expect(input.source('in').calls).toEqual(['start', 'started', 'quiesce', 'close'])
  })

  it('quiesces every route although one of them never does', async () => {
    await make([from('source:a'), from('source:b')]).start()
    input.source('b').onQuiesce = () => new Promise(() => {})
    const stopping = context.stop()
    await turn()
    expect(input.source('a').calls).toContain('quiesce')
    await stopping
  })

  it('by force reaches exchanges that came in by a template', async () => {
    await make([
      from('direct:a').delay('10m'),
      from('direct:b')
        .errorHandler(defaultErrorHandler({ maximumRedeliveries: -1, redeliveryDelay: '10m' }))
        .process(() => {
          throw new Error('no')
        }),
    ]).start()
    const delayed = expect(context.template.sendBody('direct:a', 1)).rejects.toMatchObject({
      code: 'DROMEDARY_NOT_ACCEPTING',
    })
    const retried = expect(context.template.sendBody('direct:b', 1)).rejects.toThrow('no')
    await turn()
    await context.stop()
    await Promise.all([delayed, retried])
  })

  it('says where an exchange hangs also while somebody listens', async () => {
    await make([
      from('source:in')
        .process(() => new Promise(() => {}))
        .id('stuck'),
    ]).start()
    context.exchanges.subscribe(() => {})
    input.source('in').bring('x')
    await turn()
    await context.stop()
    expect(log.messages).toContainEqual(expect.stringMatching(/1 still running: \S+ at stuck/))
  })

  it('is through although the cluster service cannot stop', async () => {
    const cluster = { start: async () => {}, stop: () => Promise.reject(new Error('no')) } as unknown
    await make([from('source:in')], { cluster: cluster as NonNullable<ContextOptions['cluster']> }).start()
    await context.stop()
    expect(context.status).toBe('stopped')
    expect(log.messages).toContainEqual(expect.stringContaining('the cluster service did not stop: no'))
  })
})

it('a start that fails closes by force what it had let in, and the context waits for that', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const source = input.source('in')
  await make(
    [
      from('source:in')
        .routeId('r')
        .autoStartup(false)
        .process(() => promise),
    ],
    {
      shutdownTimeout: '45s',
    },
  ).start()
  source.onStart = () => {
    source.bring('early')
    throw new Error('port taken')
  }
  await expect(context.route('r').start()).rejects.toThrow('port taken')
  expect(source.calls).toEqual(['start', 'close forced'])
  let stopped = false
  const stopping = context.stop().then(() => {
    stopped = true
  })
  await turn()
  expect(stopped).toBe(false)
  resolve()
  await stopping
  expect(source.calls).toEqual(['start', 'close forced'])
})

it('a route that is nested deeper than the stack limit runs', async () => {
  const steps = { count: 0 }
  const innermost = { kind: 'process' as const, processor: () => void steps.count++ }
  let nested: Parameters<typeof wrap>[0] = innermost
  for (let level = 0; level <= STACK_LIMIT; level++) nested = wrap(nested)
  await make([{ from: { uri: 'source:in' }, steps: [nested] }]).start()
  await input.source('in').bring('x').done
  expect(steps.count).toBe(1)
})

type Step = Extract<RouteSource, { steps: unknown }>['steps'][number]
const wrap = (step: Step): Step => ({
  kind: 'filter',
  expression: { language: 'constant', value: true },
  steps: [step],
})

describe('scopes', () => {
  const leadership = () => {
    const guard = { signal: new AbortController().signal, valid: true, accepts: () => true, isValid: () => guard.valid }
    return guard satisfies ScopeGuard
  }

  it('within each other: an exchange is valid while both guards say so', async () => {
    await make([from('source:in').process(() => {})]).start()
    const [one, two] = [leadership(), leadership()]
    const outer = (input.source('in').entry as RouteEntry).scope(one)
    const inner = outer.entry.scope(two)
    const exchange = inner.entry.createExchange()
    inner.entry.process(exchange)
    const guard = exchange.guard as ExchangeGuard
    const answers = [one, two].map(lost => {
      lost.valid = false
      const answer = guard.isValid()
      lost.valid = true
      return answer
    })
    expect([guard.isValid(), ...answers]).toEqual([true, false, false])
    expect([outer.inFlight, inner.inFlight]).toEqual([0, 0])
  })

  it('called into: the guard of the caller holds within, and alone again after it', async () => {
    let inside: ExchangeGuard | undefined
    const look = (exchange: Exchange) => {
      inside = exchange.guard
    }
    await make([from('source:in').process(look)]).start()
    const [one, two] = [leadership(), leadership()]
    const { entry } = (input.source('in').entry as RouteEntry).scope(two)
    const exchange = context.createExchange()
    exchange.guard = one
    await entry.call(exchange)
    expect(exchange.guard).toBe(one)
    one.valid = false
    expect(inside?.isValid()).toBe(false)
  })
})
