import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { settle } from '../../testing/src/settle.ts'
import type { RouteEntry, RouteScope, ScopeGuard } from '../src/component.ts'
import { type Exchange, from, memoryAggregationRepository, stringJoin } from '../src/index.ts'
import { running } from './support/run.ts'

class Steered implements ScopeGuard {
  accepting = true
  valid = true
  readonly #end = new AbortController()
  readonly signal = this.#end.signal
  accepts() {
    return this.accepting
  }
  isValid() {
    return this.valid
  }
  close() {
    this.accepting = false
  }
  end() {
    this.close()
    this.valid = false
    this.#end.abort(new Error('ended'))
  }
}

type Event =
  | { readonly do: 'bring'; readonly key: string }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'turns'; readonly n: number }
  | { readonly do: 'close' | 'end' | 'hand over' | 'suspend' | 'resume' }

const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('bring' as const), key: fc.constantFrom('a', 'b', 'c') }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(1, 20, 50, 100) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('turns' as const), n: fc.integer({ min: 1, max: 9 }) }) },
  fc.record({ do: fc.constantFrom('close' as const, 'end' as const, 'hand over' as const) }),
  fc.record({ do: fc.constantFrom('suspend' as const, 'resume' as const) }),
)
const options = fc.record({
  completionSize: fc.constantFrom(undefined, 2, 3),
  time: fc.constantFrom({}, { completionTimeout: 50 }, { completionInterval: 70 }),
  atStop: fc.constantFrom({ forceCompletionOnStop: true }, { completeAllOnStop: true }),
  parallelProcessing: fc.boolean(),
  step: fc.constantFrom('at once', 'turns', 'time'),
  repository: fc.constantFrom('at once', 'turns'),
})

type Given = typeof options extends fc.Arbitrary<infer T> ? T : never

function repository(kind: string) {
  const memory = memoryAggregationRepository()
  if (kind === 'at once') return memory
  const later = async <T>(work: () => T): Promise<Awaited<T>> => {
    await settle(2)
    return await work()
  }
  return {
    get: (key: string) => later(() => memory.get(key)),
    add: (key: string, group: Exchange, old: Exchange | undefined) => later(() => memory.add(key, group, old)),
    remove: (key: string, group: Exchange) => later(() => memory.remove(key, group)),
    keys: () => later(() => memory.keys()),
  }
}

async function play(given: Given, events: readonly Event[]) {
  let clock: { setTimeout(callback: () => void, ms: number): unknown } | undefined
  const ran: string[] = []
  const started = await running([
    from('source:in')
      .routeId('gather')
      .aggregate('${header.k}', {
        aggregationStrategy: stringJoin('+'),
        aggregationRepository: repository(given.repository),
        parallelProcessing: given.parallelProcessing,
        ...(given.completionSize !== undefined && { completionSize: given.completionSize }),
        ...given.time,
        ...given.atStop,
      })
      .process(() => {
        if (given.step === 'turns') return settle(3)
        if (given.step === 'time') return new Promise<void>(resolve => void clock?.setTimeout(resolve, 30))
      })
      .process(group => void ran.push(...String(group.body).split('+')))
      .end(),
  ])
  clock = started.clock
  const { context, source } = started
  const route = context.route('gather')
  const scopes: { guard: Steered; scope: RouteScope }[] = []
  const drains: boolean[] = []
  const accepted: string[] = []
  let lost = false
  const lead = () => {
    const guard = new Steered()
    scopes.push({ guard, scope: (source.entry as RouteEntry).scope(guard) })
  }
  const drain = (scope: RouteScope) => {
    const at = drains.push(false) - 1
    void scope.drained(Number.POSITIVE_INFINITY).then(() => {
      drains[at] = true
    })
  }
  lead()
  for (const next of events) {
    const { guard, scope } = scopes.at(-1) as (typeof scopes)[0]
    if (next.do === 'bring') {
      const exchange = scope.entry.createExchange(String(accepted.length))
      exchange.message.setHeader('k', next.key)
      const before = exchange.body
      void scope.entry.process(exchange)
      if (!exchange.failed) accepted.push(before as string)
    } else if (next.do === 'pass') await started.clock.advance(next.ms)
    else if (next.do === 'turns') await settle(next.n)
    else if (next.do === 'close') guard.close()
    else if (next.do === 'end') {
      lost = true
      guard.end()
      drain(scope)
      lead()
    } else if (next.do === 'hand over') {
      guard.close()
      drain(scope)
      lead()
    } else if (next.do === 'suspend') void route.suspend().catch(() => {})
    else void route.resume().catch(() => {})
    for (const { scope: any } of scopes) expect(any.inFlight).toBeGreaterThanOrEqual(0)
  }
  let stopped = false
  const stopping = context.stop().then(() => {
    stopped = true
  })
  for (let second = 0; second < 44 && !stopped; second++) {
    await settle(20)
    await started.clock.advance(1_000)
  }
  await settle(50)
  const inTime = stopped
  await started.clock.advance(60_000)
  await stopping
  await settle(50)
  return { ran, accepted, lost, scopes, drains, inTime, pending: started.clock.pending, route }
}

describe('whatever comes: exchanges, time, hand-over, loss, suspension, a stop', () => {
  it('an exchange is in one group at most, none is lost where groups are forced, and nothing stays in flight', async () => {
    await fc.assert(
      fc.asyncProperty(options, fc.array(event, { maxLength: 25 }), async (given, events) => {
        if (given.completionSize === undefined && given.time.completionTimeout === undefined)
          given = { ...given, completionSize: 2 }
        const end = await play(given, events)
        const sorted = end.ran.toSorted()
        expect(new Set(sorted).size).toBe(sorted.length)
        const forced = 'forceCompletionOnStop' in given.atStop
        if (forced) expect(end.inTime).toBe(true)
        if (forced && !end.lost) expect(sorted).toEqual(end.accepted.toSorted())
        expect(end.scopes.map(({ scope }) => scope.inFlight)).toEqual(end.scopes.map(() => 0))
        expect(end.drains).not.toContain(false)
        expect(end.route.statistics.inFlight).toBe(0)
        expect(end.pending).toBe(0)
      }),
      { numRuns: 300, seed: Number(process.env.SEED ?? 20261126) },
    )
  }, 60_000)
})
