import { describe, expect, it } from 'vitest'
import { TypeConverters } from '../src/exchange/converters.ts'
import { Exchange } from '../src/exchange/exchange.ts'
import { Headers } from '../src/exchange/headers.ts'
import { exchangeServices } from '../src/runtime/context-view.ts'

const make = (body?: unknown, routeId = 'r') => new Exchange(exchangeServices(), body, routeId, 'source://in')

describe('headers', () => {
  it('compare without regard to case and keep the first spelling', () => {
    const headers = new Headers().set('Content-Type', 'a').set('content-type', 'b').set('Other', 1)
    expect([...headers]).toEqual([
      ['Content-Type', 'b'],
      ['Other', 1],
    ])
    expect([headers.get('CONTENT-TYPE'), headers.has('othe'), headers.size]).toEqual(['b', false, 2])
    expect([headers.delete('CONTENT-type'), headers.delete('Content-Type'), headers.names()]).toEqual([
      true,
      false,
      ['Other'],
    ])
  })

  it('tell apart what is no letter', () => {
    for (const [one, other] of ['@`', '[{', '\\|', ']}', '^~', '\t)', '-\r'] as unknown as [string, string][]) {
      expect(new Headers().set(`x${one}y`, 1).has(`x${other}y`), `${one} ${other}`).toBe(false)
    }
  })

  it('of a copy are its own', () => {
    const headers = new Headers().set('a', 1)
    headers.copy().set('a', 2).set('b', 3)
    expect(headers.toJSON()).toEqual({ a: 1 })
  })

  it('take any name, also those of Object.prototype', () => {
    const headers = new Headers()
    expect(headers.get('__proto__')).toBeUndefined()
    expect(headers.set('constructor', 1).get('Constructor')).toBe(1)
  })
})

describe('conversion', () => {
  class Order {
    readonly id: string
    constructor(id: string) {
      this.id = id
    }
  }
  const converters = new TypeConverters().add(Order, value =>
    typeof value === 'string' ? new Order(value) : undefined,
  )

  it.each([
    ['string', 12, '12'],
    ['string', Buffer.from('grüß'), 'grüß'],
    ['string', { a: 1n }, '{"a":"1"}'],
    ['string', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['string', null, undefined],
    ['number', '4.5', 4.5],
    ['number', 'x', undefined],
    ['number', ' ', undefined],
    ['boolean', 'TRUE', true],
    ['boolean', 'yes', undefined],
    ['bigint', '12', 12n],
    ['bigint', 1.5, undefined],
    ['json', '{"a":1}', { a: 1 }],
    ['json', '{', undefined],
    ['date', '2026-01-01', new Date('2026-01-01')],
    ['date', 'soon', undefined],
  ] as const)('to %s of %o', (target, value, expected) => {
    expect(converters.convert(value, target)).toEqual(expected)
  })

  it('to a class asks its converters, newest first', () => {
    expect(converters.convert('7', Order)).toEqual(new Order('7'))
    converters.add(Order, () => new Order('newest'))
    expect(converters.convert('7', Order)?.id).toBe('newest')
    expect(converters.convert(new Order('own'), Order)?.id).toBe('own')
  })

  it('that must succeed names both types, never the value', () => {
    expect(() => converters.mandatory({ secret: 'hunter2' }, 'number')).toThrow(
      expect.objectContaining({ code: 'DROMEDARY_NO_CONVERTER', message: expect.not.stringContaining('hunter2') }),
    )
  })

  it('is what getBody and getHeader of a message do', () => {
    const { message } = make('12')
    message.setHeader('n', '3')
    expect([message.getBody(), message.getBody('number'), message.getHeader('N', 'number')]).toEqual(['12', 12, 3])
    expect(() => message.getMandatoryBody('boolean')).toThrow(/string cannot be converted to boolean/)
  })
})

describe('an exchange', () => {
  it('has an id that is unique, made on first use', () => {
    const services = exchangeServices()
    const [a, b] = [new Exchange(services, 1), new Exchange(services, 2)]
    expect(b.id).not.toBe(a.id)
    expect(a.id).toBe(a.id)
    expect(a.id).toMatch(/^[0-9A-F]{16}-[0-9A-F]{8}$/)
  })

  it('copies headers, properties and variables, shares the body, and remembers where it came from', () => {
    const exchange = make({ a: 1 })
    exchange.message.setHeader('h', 1)
    exchange.setProperty('p', 1).setVariable('v', 1)
    const copy = exchange.copy()
    copy.message.setHeader('h', 2)
    copy.setProperty('p', 2).setVariable('v', 2)
    expect([exchange.message.header('h'), exchange.getProperty('p'), exchange.getVariable('v')]).toEqual([1, 1, 1])
    expect(copy.body).toBe(exchange.body)
    expect(copy.getProperty('CamelCorrelationId')).toBe(exchange.id)
    expect(copy.id).not.toBe(exchange.id)
  })

  it('reaches variables of its own, its route, another route and the context', () => {
    const services = exchangeServices()
    const [a, b] = ['a', 'b'].map(route => new Exchange(services, 1, route)) as [Exchange, Exchange]
    a.setVariable('x', 'own').setVariable('route:x', 'of a').setVariable('global:x', 'of all')
    expect(['x', 'route:x', 'route:a:x', 'global:x'].map(name => b.getVariable(name))).toEqual([
      undefined,
      undefined,
      'of a',
      'of all',
    ])
    expect(a.setVariable('global:x', undefined).getVariable('global:x')).toBeUndefined()
  })

  it('takes no synchronization after its end, and hands them over before', () => {
    const [a, b] = [make(), make()]
    const ends: string[] = []
    a.unitOfWork.addSynchronization({ onComplete: () => void ends.push('done') })
    a.unitOfWork.handOver(b.unitOfWork)
    a.unitOfWork.end(a, false, () => {})
    expect(ends).toEqual([])
    b.unitOfWork.end(b, false, () => {})
    b.unitOfWork.end(b, false, () => {})
    expect(ends).toEqual(['done'])
    expect(() => b.unitOfWork.addSynchronization({})).toThrow(TypeError)
  })

  it('reports what a synchronization throws and runs the others', () => {
    const exchange = make()
    const seen: unknown[] = []
    exchange.unitOfWork.addSynchronization({
      onFailure: () => {
        throw new Error('mine')
      },
    })
    exchange.unitOfWork.addSynchronization({ onFailure: () => void seen.push('other') })
    exchange.unitOfWork.end(exchange, true, error => seen.push((error as Error).message))
    expect(seen).toEqual(['mine', 'other'])
  })
})
