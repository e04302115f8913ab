import { describe, expect, it } from 'vitest'
import { constant, createContext, from, noErrorHandler, simple } from '../src/index.ts'

describe('a route', () => {
  it('is frozen plain data, from() first, that serialises', () => {
    const { definition } = from('direct:a')
      .routeId('a')
      .description('what it does')
      .startupOrder(1)
      .autoStartup(false)
      .errorHandler(noErrorHandler())
      .setHeader('n', constant(1))
      .log('got ${body}', { level: 'warn', name: 'mine' })
      .id('first')
    expect(JSON.parse(JSON.stringify(definition))).toEqual({
      id: 'a',
      description: 'what it does',
      startupOrder: 1,
      autoStartup: false,
      errorHandler: { kind: 'none' },
      from: { uri: 'direct:a' },
      steps: [
        { kind: 'setHeader', name: 'n', expression: { language: 'constant', value: 1 } },
        { kind: 'log', message: 'got ${body}', loggingLevel: 'warn', logName: 'mine', id: 'first' },
      ],
    })
    expect(Object.isFrozen(definition)).toBe(true)
    expect(definition.steps.every(step => Object.isFrozen(step))).toBe(true)
  })

  it('can share its beginning: each verb gives a new builder', () => {
    const start = from('direct:a').setBody('x')
    expect(start.stop().definition.steps).toHaveLength(2)
    expect(start.definition.steps).toHaveLength(1)
  })

  it('does not freeze what belongs to the user', () => {
    const value = { mine: { deep: 1 } }
    const bean = { call: () => {} }
    void from('direct:a').setBody(constant(value)).bean(bean).definition
    expect(Object.isFrozen(value.mine)).toBe(false)
    expect(Object.isFrozen(bean)).toBe(false)
  })
})

describe('blocks', () => {
  const inner = [{ kind: 'stop' }]

  it('nest, and close where end() says', () => {
    const { definition } = from('direct:a')
      .choice()
      .when('${body} == 1')
      .filter('${header.x}')
      .stop()
      .end()
      .when('${body} == 2')
      .stop()
      .endChoice()
      .otherwise()
      .stop()
      .end()
      .stop()
    expect(definition.steps).toEqual([
      {
        kind: 'choice',
        when: [
          {
            expression: simple('${body} == 1'),
            steps: [{ kind: 'filter', expression: simple('${header.x}'), steps: inner }],
          },
          { expression: simple('${body} == 2'), steps: inner },
        ],
        otherwise: { steps: inner },
      },
      ...inner,
    ])
  })

  it('that are still open end with the route', () => {
    const { definition } = (
      from('direct:a').choice().when('${body}').filter('x') as unknown as ReturnType<typeof from>
    ).stop()
    expect(definition.steps).toHaveLength(1)
  })

  it('are refused where they do not fit, also where the compiler was not asked', () => {
    const untyped = (builder: unknown) => builder as Record<string, (...args: unknown[]) => never>
    const refused = (builder: unknown) => () => (builder as { definition: unknown }).definition
    const route = untyped(from('direct:a'))
    const invalid = expect.objectContaining({ code: 'DROMEDARY_INVALID_ROUTE' })
    expect(refused(route.end?.())).toThrow(invalid)
    expect(refused(route.when?.('x'))).toThrow(invalid)
    const otherwise = untyped(untyped(route.choice?.()).otherwise?.())
    expect(refused(otherwise.otherwise?.())).toThrow(/two otherwise/)
  })

  it('what is no route is refused by its name', async () => {
    for (const none of [undefined, null, 'direct:a']) {
      await expect(createContext({ routes: [none as never] }).start()).rejects.toMatchObject({
        code: 'DROMEDARY_INVALID_ROUTE',
        message: `one of the routes is ${none}: from(…) makes a route`,
      })
    }
  })

  it('an id follows the step that it names; behind the opening of a block it names the block', () => {
    const { definition } = from('direct:a').filter('x').id('block').stop().id('inner').end()
    expect(definition.steps).toEqual([
      { kind: 'filter', id: 'block', expression: simple('x'), steps: [{ kind: 'stop', id: 'inner' }] },
    ])
    expect(() => from('direct:a').id('x').definition).toThrow(/routeId/)
  })
})
