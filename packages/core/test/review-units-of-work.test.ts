import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { settle } from '../../testing/src/settle.ts'
import {
  body,
  DromedaryError,
  deadLetterChannel,
  defaultErrorHandler,
  type Exchange,
  from,
  noErrorHandler,
  useLatest,
} from '../src/index.ts'
import { running } from './support/run.ts'

/** A route under construction whose verbs follow from what was made at random: the compiler cannot know them. */
type Verb =
  | 'process'
  | 'stop'
  | 'wireTap'
  | 'to'
  | 'filter'
  | 'end'
  | 'split'
  | 'doTry'
  | 'doCatch'
  | 'doFinally'
  | 'errorHandler'
  | 'onException'
  | 'handled'
  | 'maximumRedeliveries'
  | 'redeliveryDelay'
interface Verbs extends Record<Verb, (...given: unknown[]) => Verbs> {}
type How = { readonly parallelProcessing: boolean; readonly strategy: boolean; readonly late: boolean }

/** A step of a route that is made at random. */
type Made =
  | { readonly kind: 'mark' | 'turns' | 'throw' | 'reject' | 'stop' | 'rollback' | 'tap' | 'call' | 'called off' }
  | { readonly kind: 'sometimes' }
  | { readonly kind: 'split'; readonly how: How; readonly inner: readonly Made[] }
  | { readonly kind: 'try'; readonly inner: readonly Made[]; readonly caught: readonly Made[]; last: readonly Made[] }
  | { readonly kind: 'filter'; readonly inner: readonly Made[] }

const { step } = fc.letrec<{ step: Made; steps: Made[] }>(tie => ({
  step: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.record({
      kind: fc.constantFrom('mark', 'turns', 'throw', 'reject', 'stop', 'tap', 'call', 'sometimes', 'called off'),
    }) as fc.Arbitrary<Made>,
    fc.record({
      kind: fc.constant('split' as const),
      how: fc.record(
        {
          parallelProcessing: fc.boolean(),
          shareUnitOfWork: fc.boolean(),
          stopOnException: fc.boolean(),
          streaming: fc.boolean(),
          strategy: fc.boolean(),
          late: fc.boolean(),
        },
        { noNullPrototype: true },
      ),
      inner: tie('steps'),
    }),
    fc.record({ kind: fc.constant('try' as const), inner: tie('steps'), caught: tie('steps'), last: tie('steps') }),
    fc.record({ kind: fc.constant('filter' as const), inner: tie('steps') }),
  ) as fc.Arbitrary<Made>,
  steps: fc.array(tie('step'), { maxLength: 3 }) as fc.Arbitrary<Made[]>,
}))
const handler = fc.constantFrom('default', 'redelivery', 'dead letter', 'none', 'clause')

async function play(steps: readonly Made[], how: string, watched: boolean) {
  /** Of each callback how often it ran, and whether its exchange was used again afterwards. */
  const marks: { runs: number; over: boolean; used: boolean; exchange: Exchange }[] = []
  const problems: string[] = []
  let tries = 0
  const mark = (exchange: Exchange) => {
    for (const one of marks)
      if (one.exchange === exchange && one.over) problems.push(`${exchange.id} ran after its end`)
    const one = { runs: 0, over: false, used: false, exchange }
    marks.push(one)
    const end = () => {
      one.runs++
      one.over = true
    }
    exchange.unitOfWork.addSynchronization({ onComplete: end, onFailure: () => settle(1).then(end) })
  }
  const add = (route: Verbs, all: readonly Made[]): Verbs => {
    for (const one of all) {
      if (one.kind === 'mark') route = route.process(mark)
      else if (one.kind === 'turns') route = route.process((e: Exchange) => settle(2).then(() => mark(e)))
      else if (one.kind === 'throw')
        route = route.process(() => {
          throw new Error('thrown')
        })
      else if (one.kind === 'reject')
        route = route.process(() => settle(1).then(() => Promise.reject(new Error('rejected'))))
      else if (one.kind === 'sometimes')
        route = route.process((e: Exchange) => {
          mark(e)
          if (tries++ % 3 !== 0) throw new Error('sometimes')
        })
      else if (one.kind === 'called off')
        route = route.process(() => {
          throw new DromedaryError('DROMEDARY_NOT_ACCEPTING', 'called off')
        })
      else if (one.kind === 'stop') route = route.stop()
      else if (one.kind === 'tap') route = route.wireTap('direct:other')
      else if (one.kind === 'call') route = route.to('direct:other')
      else if (one.kind === 'filter') route = add(route.filter('${body} != 2'), one.inner).end()
      else if (one.kind === 'split') {
        const { strategy, late, ...options } = one.how
        const timeout = late && options.parallelProcessing ? 20 : 0
        const given = { ...options, timeout, ...(strategy && { aggregationStrategy: useLatest() }) }
        route = route.split(body(), given)
        if (timeout > 0) route = route.process((e: Exchange) => (e.body === 2 ? clock.wait(60) : undefined))
        route = add(route, one.inner).end()
      } else if (one.kind === 'try') {
        route = add(add(add(route.doTry(), one.inner).doCatch(Error), one.caught).doFinally(), one.last).end()
      }
    }
    return route
  }
  const clock = { wait: (_: number): Promise<void> => Promise.resolve() }
  const handled = (made: Verbs): Verbs => {
    if (how === 'dead letter')
      return made.errorHandler(deadLetterChannel('direct:dead', { maximumRedeliveries: 1, redeliveryDelay: 5 }))
    if (how === 'redelivery')
      return made.errorHandler(defaultErrorHandler({ maximumRedeliveries: 2, redeliveryDelay: 5 }))
    if (how === 'none') return made.errorHandler(noErrorHandler())
    if (how === 'clause')
      return made
        .onException(Error)
        .handled(true)
        .maximumRedeliveries(1)
        .redeliveryDelay(5)
        .process(mark)
        .to('direct:other')
        .end()
    return made
  }
  const started = await running([
    add(handled(from('source:in').routeId('r') as unknown as Verbs).process(mark), steps).process(mark),
    from('direct:other')
      .routeId('other')
      .process(mark)
      .process(() => settle(1)),
    from('direct:dead').routeId('dead').process(mark),
  ] as never)
  clock.wait = ms => new Promise(resolve => void started.clock.setTimeout(resolve, ms))
  const { context, source } = started
  const seen = { created: 0, ended: 0 }
  if (watched)
    context.exchanges.subscribe(event => {
      if (event.type === 'created') seen.created++
      else if (event.type !== 'step') seen.ended++
    })
  let open = true
  const all = [source.bring([1, 2, 3]), source.bring([2])].map(({ done }) => done)
  void Promise.all(all).then(() => {
    open = false
  })
  // Taps and late parts may go on after their exchange.
  for (let turn = 0, quiet = 0; turn < 500 && quiet < 3; turn++) {
    await settle(3)
    await started.clock.advance(100)
    if (!open && context.routes.every(one => one.statistics.inFlight === 0)) quiet++
  }
  expect(open).toBe(false)
  const inFlight = context.routes.map(one => one.statistics.inFlight)
  const stopping = context.stop()
  await started.clock.advance(60_000)
  await stopping
  await settle(20)
  return {
    marks,
    problems,
    inFlight,
    seen,
    statistics: context.routes.map(one => one.statistics),
    pending: started.clock.pending,
  }
}

describe('whatever steps a route is made of', () => {
  it('each callback at the end of an exchange runs once, after its last step, and nothing stays in flight', async () => {
    const rejections: unknown[] = []
    const keep = (reason: unknown) => void rejections.push(reason)
    process.on('unhandledRejection', keep)
    try {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 4 }), handler, fc.boolean(), async (steps, how, watched) => {
          const end = await play(steps, how, watched)
          expect(end.problems).toEqual([])
          expect(end.marks.filter(one => one.runs !== 1)).toEqual([])
          expect(end.inFlight).toEqual(end.inFlight.map(() => 0))
          expect(end.seen.created).toBe(end.seen.ended)
          expect(end.statistics.filter(one => one.completed < 0 || one.inFlight !== 0)).toEqual([])
          expect(end.pending).toBe(0)
          expect(rejections).toEqual([])
        }),
        { numRuns: Number(process.env.RUNS ?? 150), seed: Number(process.env.SEED ?? 20261126) },
      )
    } finally {
      process.off('unhandledRejection', keep)
    }
  }, 120_000)
})
