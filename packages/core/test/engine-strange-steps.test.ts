import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { type Exchange, HALT } from '../src/exchange/exchange.ts'
import {
  type Context,
  createContext,
  deadLetterChannel,
  defaultErrorHandler,
  from,
  noErrorHandler,
} from '../src/index.ts'
import { keepingSink } from './support/log.ts'
import { sources } from './support/source.ts'

/** What steps may return: whatever it is, an exchange goes through its route once, and ends once. */
type Kind = (typeof KINDS)[number]
const KINDS = [
  'value',
  'throws',
  'promise',
  'rejects',
  'thenable',
  'thenable at once',
  'thenable twice',
  'thenable rejects after it resolved',
  'then throws',
  'then throws after it resolved',
  'then returns nothing',
  'stops',
  'stops later',
] as const
const FAILS = new Set<Kind>(['throws', 'rejects', 'then throws'])
const STOPS = new Set<Kind>(['stops', 'stops later'])

type Then = (resolve: (value?: unknown) => void, reject: (error: unknown) => void) => unknown

function result(kind: Kind, stop: () => void): unknown {
  const error = new Error(kind)
  const later = (work: () => void) => void setImmediate(work)
  const thens: Partial<Record<Kind, Then>> = {
    thenable: resolve => later(resolve),
    'thenable at once': resolve => resolve(),
    'thenable twice': resolve => {
      later(resolve)
      later(resolve)
      return Promise.resolve().then(resolve)
    },
    'thenable rejects after it resolved': (resolve, reject) => {
      resolve()
      reject(error)
    },
    'then throws': () => {
      throw error
    },
    'then throws after it resolved': resolve => {
      resolve()
      throw error
    },
    'then returns nothing': resolve => void setTimeout(resolve, 1),
  }
  if (kind === 'throws') throw error
  if (kind === 'promise') return turn()
  if (kind === 'rejects') return turn().then(() => Promise.reject(error))
  if (kind === 'stops') return stop()
  if (kind === 'stops later') return turn().then(stop)
  const then = thens[kind]
  return then && { then }
}

const HANDLERS = {
  default: defaultErrorHandler(),
  again: defaultErrorHandler({ maximumRedeliveries: 1, redeliveryDelay: 0 }),
  none: noErrorHandler(),
  dead: deadLetterChannel('direct:dead'),
  'dead later': deadLetterChannel('direct:dead-later'),
} as const

const kind = fc.constantFrom(...KINDS)
const plan = fc.record({
  outer: fc.array(kind, { maxLength: 3 }),
  inner: fc.array(kind, { maxLength: 3 }),
  after: fc.array(kind, { maxLength: 2 }),
  ends: fc.array(kind, { maxLength: 3 }),
  handler: fc.constantFrom(...(Object.keys(HANDLERS) as (keyof typeof HANDLERS)[])),
  isWatched: fc.boolean(),
})

/** Steps that run, in order, and whether the route failed. */
function expected(kinds: readonly Kind[], tries: number, name: string, ran: string[]): 'on' | 'stopped' | 'failed' {
  for (const [at, one] of kinds.entries()) {
    ran.push(`${name}${at}`)
    if (FAILS.has(one)) {
      for (let again = 0; again < tries; again++) ran.push(`${name}${at}`)
      return 'failed'
    }
    if (STOPS.has(one)) return 'stopped'
  }
  return 'on'
}

type Steps = ReturnType<typeof from>

const halt = (exchange: Exchange) => {
  exchange.halt |= HALT.stop
}

let context: Context | undefined
const rejections: unknown[] = []
const noted = (error: unknown) => void rejections.push(error)
afterEach(async () => {
  process.off('unhandledRejection', noted)
  await context?.stop()
})

describe('an exchange', () => {
  it('runs through its route once and ends once, whatever its steps and those who wait for its end return', async () => {
    process.on('unhandledRejection', noted)
    await fc.assert(
      fc.asyncProperty(plan, async ({ outer, inner, after, ends, handler, isWatched }) => {
        const input = sources()
        const ran: string[] = []
        const run = (builder: Steps, name: string, kinds: readonly Kind[]) =>
          kinds.reduce(
            (route, one, at) =>
              route.process(exchange => {
                ran.push(`${name}${at}`)
                return result(one, () => halt(exchange)) as void
              }),
            builder,
          )
        const errorHandler = HANDLERS[handler]
        const main = run(from('source:in').errorHandler(errorHandler), 'o', outer)
        context = createContext({
          log: keepingSink(),
          components: [input.component],
          routes: [
            run(main.to('direct:inner'), 'a', after),
            run(from('direct:inner').routeId('inner').errorHandler(noErrorHandler()), 'i', inner),
            from('direct:dead')
              .routeId('dead')
              .process(() => {}),
            from('direct:dead-later')
              .routeId('dead-later')
              .process(() => turn()),
          ],
        })
        await context.start()
        const watching = isWatched ? context.exchanges.subscribe(() => {}) : undefined
        const ended: string[] = []
        const { exchange, done } = input.source('in').bring('x', made => {
          for (const [at, one] of ends.entries()) {
            const end = (how: string) => () => {
              ended.push(`${how}${at}`)
              return result(one, () => {}) as void
            }
            made.unitOfWork.addSynchronization({ onComplete: end('c'), onFailure: end('f') })
          }
        })
        await done
        await turn()
        watching?.unsubscribe()

        const tries = handler === 'again' ? 1 : 0
        const wanted: string[] = []
        let outcome = expected(outer, tries, 'o', wanted)
        if (outcome === 'on') {
          outcome = expected(inner, 0, 'i', wanted)
          // What is called is tried again as one step.
          if (outcome === 'failed' && tries > 0) expected(inner, 0, 'i', wanted)
        }
        if (outcome === 'on') outcome = expected(after, tries, 'a', wanted)
        const isFailed = outcome === 'failed' && !handler.startsWith('dead')
        expect(ran).toEqual(wanted)
        expect(exchange.failed).toBe(isFailed)
        expect(ended).toEqual(ends.map((_, at) => `${isFailed ? 'f' : 'c'}${at}`))
        for (const { statistics } of context.routes) {
          expect(statistics.inFlight).toBe(0)
          expect(statistics.completed + statistics.failed).toBe(statistics.total)
        }
        await context.stop()
      }),
      { numRuns: 300 },
    )
    expect(rejections).toEqual([])
  })
})
