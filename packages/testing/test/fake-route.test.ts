import { isDromedaryError } from '@dromedary/core'
import type { Exchange } from '@dromedary/core/component'
import { describe, expect, it } from 'vitest'
import { FakeClock, fakeRoute } from '../src/index.ts'
import { sampleFixture } from './sample-component.ts'

function pending() {
  const running: (() => void)[] = []
  return { running, run: () => new Promise<void>(resolve => running.push(resolve)) }
}

describe('the fake route', () => {
  it('records what enters, and refuses while it is closed, as the engine does', async () => {
    const ended: string[] = []
    const route = fakeRoute({ routeId: 'r' })
    const exchange = route.entry.createExchange('one')
    exchange.unitOfWork.addSynchronization({ onComplete: () => void ended.push('complete') })
    expect(route.entry.process(exchange)).toBeUndefined()
    route.open = false
    const late = route.entry.createExchange('two')
    late.unitOfWork.addSynchronization({ onFailure: () => void ended.push('failure') })
    route.entry.process(late)
    expect([route.bodies, route.refused, ended]).toEqual([['one'], [late], ['complete', 'failure']])
    expect([exchange.fromRouteId, isDromedaryError(late.exception, 'DROMEDARY_NOT_ACCEPTING')]).toEqual(['r', true])
    expect(() => route.entry.call(late)).toThrow(/takes no exchanges/)
  })

  it('never throws or rejects from process, but does from call', async () => {
    const route = fakeRoute({
      route: exchange => {
        if (exchange.body === 'later') return Promise.reject(new Error('rejected'))
        throw new Error('thrown')
      },
    })
    const [now, later] = [route.entry.createExchange('now'), route.entry.createExchange('later')]
    route.entry.process(now)
    await route.entry.process(later)
    expect([now.exception, later.exception].map(String)).toEqual(['Error: thrown', 'Error: rejected'])
    expect(() => route.entry.call(route.entry.createExchange('now'))).toThrow('thrown')
    await expect(route.entry.call(route.entry.createExchange('later'))).rejects.toThrow('rejected')
    expect(route.inFlight).toBe(0)
  })

  it('counts what is in flight, in itself and in a scope with a gate of its own', async () => {
    const clock = new FakeClock()
    const { running, run } = pending()
    const route = fakeRoute({ clock, route: run })
    const ended = new AbortController()
    let accepts = true
    const prepared: Exchange[] = []
    const scope = route.entry.scope({
      signal: ended.signal,
      endpointUri: 'inner://x',
      accepts: () => accepts,
      isValid: () => true,
      prepare: exchange => void prepared.push(exchange),
    })
    void route.entry.process(route.entry.createExchange())
    const inner = scope.entry.createExchange()
    void scope.entry.process(inner)
    accepts = false
    void scope.entry.process(scope.entry.createExchange())
    expect([route.inFlight, scope.inFlight, route.refused.length]).toEqual([2, 1, 1])
    expect([inner.guard?.isValid(), inner.fromEndpoint, prepared]).toEqual([true, 'inner://x', [inner]])
    const drained = scope.drained(1_000)
    const never = scope.drained(Number.POSITIVE_INFINITY)
    await clock.advance(1_000)
    expect(await drained).toBe(1)
    expect(clock.pending).toBe(0)
    running[1]?.()
    expect([await never, await scope.drained(0)]).toEqual([0, 0])
    expect([route.inFlight, scope.inFlight]).toEqual([1, 0])
    ended.abort()
    expect([scope.entry.signal.aborted, route.entry.signal.aborted]).toEqual([true, false])
    route.abort()
    expect(route.entry.signal.aborted).toBe(true)
  })

  it('makes endpoints of components, one per normal form, and resolves delegates among those it was given', () => {
    const { component } = sampleFixture()
    const route = fakeRoute({ components: [component], beans: { answer: 42 } })
    expect(route.endpoint(component, 'tick:x')).toBe(route.endpoint(component, 'tick://x'))
    expect(() => route.endpoint(component, 'tick:')).toThrow(/name is missing/)
    expect(route.context.lookup('answer')).toBe(42)
    route.entry.reportError(new Error('lost'), 'reading')
    route.entry.reportState('connected')
    route.entry.reportState('connected')
    route.entry.log.warn('careful')
    expect([route.errors[0]?.doing, route.states, route.logs.map(line => line.message)]).toEqual([
      'reading',
      ['connected'],
      ['careful'],
    ])
  })

  it('shares resources by key, counts holders, and refuses other settings', async () => {
    const route = fakeRoute()
    const closed: string[] = []
    const acquire = (settings: object) =>
      route.shared.acquire(
        'tcp 80',
        settings,
        () => 'socket',
        value => void closed.push(value),
      )
    const [one, two] = [await acquire({ a: 1 }), await acquire({ a: 1 })]
    await expect(acquire({ a: 2 })).rejects.toThrow(/tcp 80 is shared/)
    await one.release()
    await one.release()
    expect([route.shared.held, closed]).toEqual([['tcp 80'], []])
    await two.release()
    expect([route.shared.held, closed]).toEqual([[], ['socket']])
    await expect(
      route.shared.acquire(
        'k',
        {},
        () => Promise.reject(new Error('no')),
        () => {},
      ),
    ).rejects.toThrow('no')
    expect(route.shared.held).toEqual([])
  })
})
