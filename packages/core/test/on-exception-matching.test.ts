import { describe, expect, it } from 'vitest'
import { type ContextOptions, DromedaryError, from, onException, type RouteSource } from '../src/index.ts'
import { stage, throwing } from './support/stage.ts'

const { run } = stage()

class OrderError extends Error {}
class LateOrderError extends OrderError {}

describe('which clause', () => {
  /** The clause, by what it makes of the body. */
  async function taker(error: unknown, route: RouteSource, options: Partial<ContextOptions> = {}) {
    const input = await run(
      {
        ...('definition' in route ? route.definition : route),
        steps: [{ kind: 'process', processor: throwing(error) }],
      },
      options,
    )
    const { exchange } = input.bring('x')
    return exchange.failed ? 'nobody' : exchange.body
  }
  const start = from('source:in')

  it('the exact class beats one further up, whatever the order', async () => {
    const route = start
      .onException()
      .handled(true)
      .setBody('any')
      .end()
      .onException(Error)
      .handled(true)
      .setBody('error')
      .end()
      .onException(LateOrderError, TypeError)
      .handled(true)
      .setBody('exact')
      .end()
      .onException(OrderError)
      .handled(true)
      .setBody('order')
      .end()
    expect(await taker(new LateOrderError('x'), route)).toBe('exact')
    expect(await taker(new TypeError('x'), route)).toBe('exact')
    expect(await taker(new OrderError('x'), route)).toBe('order')
    expect(await taker(new RangeError('x'), route)).toBe('error')
    expect(await taker('no error', route)).toBe('any')
  })

  it('of equal ones the first that holds', async () => {
    const route = start
      .onException(OrderError)
      .onWhen("${body} == 'y'")
      .handled(true)
      .setBody('first')
      .end()
      .onException(OrderError)
      .onWhen("${exception.message} == 'm'")
      .handled(true)
      .setBody('second')
      .end()
      .onException(OrderError)
      .handled(true)
      .setBody('third')
      .end()
    expect(await taker(new OrderError('m'), route)).toBe('second')
    expect(await taker(new OrderError('n'), route)).toBe('third')
  })

  it('of causes the innermost that a clause is exactly for', async () => {
    const route = start
      .onException(OrderError)
      .handled(true)
      .setBody('outer')
      .end()
      .onException(TypeError)
      .handled(true)
      .setBody('inner')
      .end()
    expect(await taker(new OrderError('o', { cause: new TypeError('i') }), route)).toBe('inner')
    expect(await taker(new OrderError('o', { cause: new RangeError('i') }), route)).toBe('outer')
  })

  it('a code or a function beats every class', async () => {
    const route = start
      .onException(DromedaryError)
      .handled(true)
      .setBody('class')
      .end()
      .onException('DROMEDARY_NO_CONVERTER')
      .handled(true)
      .setBody('code')
      .end()
      .onException(error => (error as Error).message === 'm')
      .handled(true)
      .setBody('asked')
      .end()
    expect(await taker(new DromedaryError('DROMEDARY_NO_CONVERTER', 'x'), route)).toBe('code')
    expect(await taker(new DromedaryError('DROMEDARY_NO_CONSUMER', 'x'), route)).toBe('class')
    expect(await taker(new RangeError('m'), route)).toBe('asked')
  })

  it('one for the class of an inner cause, or of the route, is not passed over for a code further out', async () => {
    const inner = start.onException(TypeError).handled(true).setBody('inner').end()
    const coded = Object.assign(new Error('outer', { cause: new TypeError('inner') }), { code: 'OUTER' })
    const outer = inner.onException('OUTER').handled(true).setBody('outer').end()
    expect(await taker(coded, outer)).toBe('inner')
    const ofContext = { onException: [onException('DEEP').handled(true).setBody('context')] }
    expect(await taker(Object.assign(new TypeError('x'), { code: 'DEEP' }), inner, ofContext)).toBe('inner')
  })

  it('of the route before one of the context that fits as well', async () => {
    const ofContext = {
      onException: [
        onException(OrderError).handled(true).setBody('context'),
        onException(TypeError).handled(true).setBody('context'),
      ],
    }
    const route = start.onException(OrderError).handled(true).setBody('route').end()
    expect(await taker(new OrderError('x'), route, ofContext)).toBe('route')
    expect(await taker(new TypeError('x'), route, ofContext)).toBe('context')
    // As in Camel, the class closer to the failure wins over the scope.
    expect(
      await taker(new LateOrderError('x'), route, {
        onException: [onException(LateOrderError).handled(true).setBody('context')],
      }),
    ).toBe('context')
    expect(await taker(new LateOrderError('x'), route, ofContext)).toBe('route')
  })
})
