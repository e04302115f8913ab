import { afterEach, describe, expect, it } from 'vitest'
import type { Exchange, RouteEntry, RouteScope, ScopeGuard } from '../src/component.ts'
import {
  type Context,
  createContext,
  deadLetterChannel,
  from,
  NAMES,
  type RouteSource,
  silentSink,
} from '../src/index.ts'
import { sinks } from './support/sink.ts'
import { sources } from './support/source.ts'

const input = sources()
let context: Context | undefined
let outside = sinks({ external: true })

/** A leadership that the test steers. */
class SteeredLeadership implements ScopeGuard {
  accepting = true
  valid = true
  readonly #end = new AbortController()
  readonly signal = this.#end.signal
  readonly endpointUri = 'inner://x'

  accepts() {
    return this.accepting
  }

  isValid() {
    return this.valid
  }

  prepare(exchange: Exchange) {
    exchange.setProperty(NAMES.clusterTerm, 7n)
  }

  end() {
    this.accepting = false
    this.valid = false
    this.#end.abort(new Error('ended'))
  }
}

async function run(...routes: RouteSource[]): Promise<{ scope: RouteScope; guard: SteeredLeadership }> {
  outside = sinks({ external: true })
  context = createContext({ log: silentSink, routes, components: [input.component, outside.component] })
  await context.start()
  const guard = new SteeredLeadership()
  return { guard, scope: (input.source('in').entry as RouteEntry).scope(guard) }
}
afterEach(() => context?.stop())

function bring(scope: RouteScope, body?: unknown) {
  const exchange = scope.entry.createExchange(body)
  return { exchange, done: scope.entry.process(exchange) }
}

describe('I2: an exchange of a leader', () => {
  it('carries the guard and what the guard puts into it, also into copies and other routes', async () => {
    const { scope } = await run(
      from('source:in').to('direct:b'),
      from('direct:b').process(exchange => {
        expect(exchange.copy().guard).toBe(exchange.guard)
      }),
    )
    const { exchange } = bring(scope)
    expect(exchange.failed).toBe(false)
    expect(exchange.getProperty(NAMES.clusterTerm)).toBe(7n)
    expect(exchange.fromEndpoint).toBe('inner://x')
  })

  it('does not enter once the leadership accepts nothing', async () => {
    const { scope, guard } = await run(from('source:in').to('sink:out'))
    guard.accepting = false
    expect(bring(scope).exchange.exception).toMatchObject({ code: 'DROMEDARY_NOT_ACCEPTING' })
    expect(outside.bodies).toEqual([])
  })

  it('may still send between closing and the hard end, and not after it', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { scope, guard } = await run(
      from('source:in')
        .to('sink:first')
        .process(() => promise)
        .to('sink:second'),
    )
    const { exchange, done } = bring(scope, 'x')
    guard.accepting = false
    expect(outside.bodies).toEqual(['x'])
    guard.end()
    resolve()
    await done
    expect(outside.bodies).toEqual(['x'])
    expect(exchange.exception).toMatchObject({ code: 'DROMEDARY_NOT_LEADER' })
    expect(exchange.signal.aborted).toBe(true)
  })

  it('is refused in each way of sending: to, toD, through direct:, and to a dead letter endpoint', async () => {
    const { scope, guard } = await run(
      from('source:in')
        .errorHandler(deadLetterChannel('sink:dead', { maximumRedeliveries: 5, redeliveryDelay: 0 }))
        .process(() => guard.end())
        .choice()
        .when("${body} == 'to'")
        .to('sink:a')
        .when("${body} == 'toD'")
        .toD('sink:${body}')
        .when("${body} == 'fail'")
        .process(() => {
          throw new Error('no')
        })
        .otherwise()
        .to('direct:b')
        .end(),
      from('direct:b').to('sink:b'),
    )
    for (const body of ['to', 'toD', 'direct', 'fail']) {
      guard.accepting = true
      const { exchange, done } = bring(scope, body)
      await done
      expect(exchange.failed, body).toBe(true)
    }
    expect(outside.bodies).toEqual([])
  })

  it('does not keep steps inside the process from running: direct: and processors are not sends', async () => {
    const seen: unknown[] = []
    const { scope, guard } = await run(
      from('source:in')
        .process(() => guard.end())
        .to('direct:b'),
      from('direct:b').process(exchange => seen.push(exchange.body)),
    )
    bring(scope, 'x')
    expect(seen).toEqual(['x'])
  })
})

describe('a scope', () => {
  it('counts its own exchanges and tells when they have drained', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { scope } = await run(from('source:in').process(() => promise))
    const { done } = bring(scope)
    expect(scope.inFlight).toBe(1)
    expect(await scope.drained(1)).toBe(1)
    const drained = scope.drained(60_000)
    resolve()
    await done
    expect([await drained, scope.inFlight]).toEqual([0, 0])
  })
})
