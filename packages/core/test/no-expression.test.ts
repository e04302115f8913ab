import { describe, expect, it } from 'vitest'
import { constant, createContext, from, groupedBody, memoryIdempotentRepository, onException } from '../src/index.ts'

const no = (value: unknown) => value as never
const start = () => from('direct:a')
const grouped = { aggregationStrategy: groupedBody(), completionSize: 2 }

/** Every verb that takes an expression or a condition, as somebody may call it whom no compiler has told. */
const verbs: [what: string, call: (value: never) => unknown][] = [
  ['setBody', value => start().setBody(value)],
  ['transform', value => start().transform(value)],
  ['setHeader h', value => start().setHeader('h', value)],
  ['setHeaders: h', value => start().setHeaders({ g: '1', h: value })],
  ['setProperty p', value => start().setProperty('p', value)],
  ['setVariable v', value => start().setVariable('v', value)],
  ['filter', value => start().filter(value)],
  ['when', value => start().choice().when(value)],
  ['split', value => start().split(value)],
  ['aggregate', value => start().aggregate(value, grouped)],
  ['aggregate: completionPredicate', value => start().aggregate('1', { ...grouped, completionPredicate: value })],
  [
    'aggregate: completionSizeExpression',
    value => start().aggregate('1', { ...grouped, completionSizeExpression: value }),
  ],
  [
    'aggregate: completionTimeoutExpression',
    value => start().aggregate('1', { ...grouped, completionTimeoutExpression: value }),
  ],
  ['delay', value => start().delay(value)],
  ['throttle', value => start().throttle(value)],
  ['throttle: correlationExpression', value => start().throttle(1, { correlationExpression: value })],
  ['validate', value => start().validate(value)],
  ['idempotentConsumer', value => start().idempotentConsumer(value, memoryIdempotentRepository())],
  ['pausable: until', value => start().pausable({ until: value })],
  ['resumable: position', value => start().resumable({ position: value, strategy: '#s' })],
  ['onWhen', value => start().doTry().stop().doCatch().onWhen(value)],
  ['onWhen', value => onException().onWhen(value)],
  ['handled', value => onException().handled(value)],
  ['continued', value => onException().continued(value)],
  ['retryWhile', value => onException().retryWhile(value)],
]

describe('what is no expression', () => {
  it.each(verbs)('is refused by %s, and by what was meant', (what, call) => {
    expect(() => call(no(null))).toThrow(
      expect.objectContaining({
        name: 'DromedaryError',
        code: 'DROMEDARY_INVALID_OPTION',
        message: `${what}: null is no expression: write constant(null), a text (Simple) or a function`,
      }),
    )
    expect(() => call(no([1]))).toThrow(expect.objectContaining({ code: 'DROMEDARY_INVALID_OPTION' }))
    expect(() => call(no({ text: 'x' }))).toThrow(expect.objectContaining({ code: 'DROMEDARY_INVALID_OPTION' }))
    expect(call('${body}' as never)).toBeDefined()
    expect(call(constant(null) as never)).toBeDefined()
    expect(call((() => true) as never)).toBeDefined()
  })

  it.each([
    [1, 'setBody: 1 is no expression: write constant(1), a text (Simple) or a function'],
    [-0.5, 'setBody: -0.5 is no expression: write constant(-0.5), a text (Simple) or a function'],
    [false, 'setBody: false is no expression: write constant(false), a text (Simple) or a function'],
    [10n, 'setBody: 10n is no expression: write constant(10n), a text (Simple) or a function'],
    [
      undefined,
      'setBody: a value of type undefined is no expression: write constant(…), a text (Simple) or a function',
    ],
    [['a secret'], 'setBody: a value of type Array is no expression: write constant(…), a text (Simple) or a function'],
    [{ a: 'secret' }, /^setBody: a value of type Object is no expression: /],
    [Object.create(null), /^setBody: a value of type object is no expression: /],
    [{ language: 1 }, /^setBody: a value of type Object is no expression: /],
    [new Date(0), /^setBody: a value of type Date is no expression: /],
    [Symbol('a'), /^setBody: a value of type symbol is no expression: /],
  ])('is told as it was written, or by its type: %o', (value, message) => {
    expect(() => start().setBody(no(value))).toThrow(message)
  })

  it('is not shown where it may be a secret', () => {
    expect(() => start().setHeader('apiToken', no(4711))).toThrow(
      'setHeader apiToken: a value of type number is no expression: write constant(…), a text (Simple) or a function',
    )
  })

  it('a value that is the same for all exchanges is meant by constant()', async () => {
    const context = createContext({ routes: [start().setBody(constant(1))] })
    await context.start()
    expect(await context.template.requestBody('direct:a', 'x')).toBe(1)
    await context.stop()
  })
})
