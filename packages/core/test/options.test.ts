import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { describeOptions } from '../src/component/describe-options.ts'
import { bean, decimal, duration, flag, integer, list, oneOf, prefixed, text } from '../src/component/options.ts'
import { parseOptions } from '../src/component/parse-options.ts'
import { parseUri } from '../src/uri/parse.ts'
import { thrownBy } from './thrown-by.ts'

const schema = z.object({
  period: duration({ min: 1 }).default(1000).describe('Between two.'),
  delay: duration().default(1000),
  fixedRate: flag().default(false),
  repeatCount: integer({ min: 0, max: 9 }).optional(),
  ratio: decimal({ min: 0 }).optional().describe('How much.'),
  password: text().optional(),
  level: oneOf(['TRACE', 'DEBUG']).default('TRACE'),
  brokers: list().default([]),
  additionalProperties: prefixed(),
  filter: bean<{ run(): void }>().optional(),
})
const filter = { run() {} }

function parse(query: string, more: { lenient?: boolean; defaults?: object } = {}) {
  const uri = parseUri(`timer:x?${query}`)
  const lookup = (name: string) => (name === 'mine' ? filter : undefined)
  return parseOptions(schema, uri.parameters, { scheme: 'timer', uri: uri.masked, lookup, ...more })
}

describe('options of a URI', () => {
  it('have their defaults', () => {
    const defaults = {
      period: 1000,
      delay: 1000,
      fixedRate: false,
      level: 'TRACE',
      brokers: [],
      additionalProperties: {},
    }
    expect(parse('').options).toEqual(defaults)
  })

  it.each([
    ['period=1m30s', { period: 90_000 }],
    ['period=5', { period: 5 }],
    ['delay=-1', { delay: -1 }],
    ['fixedRate=true', { fixedRate: true }],
    ['fixedRate=FALSE', { fixedRate: false }],
    ['repeatCount=9', { repeatCount: 9 }],
    ['ratio=0.5', { ratio: 0.5 }],
    ['password=RAW(a&b)', { password: 'a&b' }],
    ['level=debug', { level: 'DEBUG' }],
    ['brokers=a:1, b:2', { brokers: ['a:1', 'b:2'] }],
    ['brokers=a:1&brokers=b:2', { brokers: ['a:1', 'b:2'] }],
    [
      'additionalProperties.linger.ms=5&additionalProperties.x=y',
      { additionalProperties: { 'linger.ms': '5', x: 'y' } },
    ],
    ['filter=%23bean:mine', { filter }],
    ['filter=#mine', { filter }],
  ])('%s', (query, expected) => {
    expect(parse(query).options).toMatchObject(expected)
  })

  it.each([
    ['perid=5s', 'timer has no option perid in timer://x?perid=5s; did you mean period?'],
    ['zzz=5s', 'timer has no option zzz in timer://x?zzz=5s'],
    ['constructor=1', 'timer has no option constructor in timer://x?constructor=1'],
    [
      'additionalProperties.=1',
      'timer has no option additionalProperties. in timer://x?additionalProperties.=1; did you mean additionalProperties?',
    ],
    ['period.x=1', 'timer has no option period.x in timer://x?period.x=1; did you mean period?'],
  ])('refuses the unknown one in %s', (query, message) => {
    expect(thrownBy(() => parse(query))).toMatchObject({ code: 'DROMEDARY_UNKNOWN_OPTION', message })
  })

  it.each([
    [
      'period=5x',
      /^timer option period must be milliseconds or a duration such as 1m30s, not "5x" in timer:\/\/x\?period=5x$/,
    ],
    ['period=0', /must be at least 1 ms, not "0"/],
    ['fixedRate=yes', /fixedRate must be true or false, not "yes"/],
    ['fixedRate', /fixedRate must be true or false, not ""/],
    ['repeatCount=1.5', /repeatCount must be a whole number, not "1.5"/],
    ['repeatCount=10', /must be at most 9/],
    ['repeatCount=-1', /must be at least 0/],
    ['repeatCount=0x1', /must be a whole number/],
    ['ratio=much', /ratio must be a number/],
    ['level=TRCE', /level must be one of TRACE, DEBUG, not "TRCE" in .*; did you mean TRACE\?$/],
    ['period=1&period=2', /timer takes period once, but it is given 2 times/],
    ['additionalProperties=1', /must be written option\.name=value/],
    ['filter=mine', /must name a bean: #bean:name/],
    ['filter=#class:x.Y', /cannot make a bean by #class: register an instance/],
    ['filter=#type:x.Y', /cannot make a bean by #type/],
    ['filter=#property:x', /write \{\{key\}\}/],
  ])('refuses %s', (query, message) => {
    expect(thrownBy(() => parse(query))).toMatchObject({
      code: 'DROMEDARY_INVALID_OPTION',
      message: expect.stringMatching(message),
    })
  })

  it('says all mistakes at once', () => {
    const { code, message } = thrownBy(() => parse('perid=5s&fixedRate=yes&level=x'))
    expect(code).toBe('DROMEDARY_UNKNOWN_OPTION')
    expect(message).toBe(
      '3 mistakes in timer://x?fixedRate=yes&level=x&perid=5s: (1) timer has no option perid; did you mean period?' +
        ' (2) timer option fixedRate must be true or false, not "yes" (3) timer option level must be one of TRACE, DEBUG, not "x"',
    )
  })

  it('names a bean that is not there', () => {
    expect(thrownBy(() => parse('filter=#bean:yours'))).toMatchObject({
      code: 'DROMEDARY_UNKNOWN_BEAN',
      message: expect.stringContaining('timer option filter names the bean yours in timer://x'),
    })
  })

  it.each([
    'password=hunter2&password=hunter2',
    'password=hunter2&zzz=1',
    'pasword=hunter2',
    'secrt=hunter2',
    'password.x=hunter2',
  ])('never shows a secret: %s', query => {
    expect(thrownBy(() => parse(query)).message).not.toContain('hunter2')
  })

  it('never shows the value of a sensitive option that is wrong', () => {
    const secret = z.object({ accessToken: integer() })
    const { parameters, masked } = parseUri('x:y?accessToken=hunter2')
    const error = thrownBy(() => parseOptions(secret, parameters, { scheme: 'x', uri: masked }))
    expect(error.message).toBe('x option accessToken must be a whole number in x://y?accessToken=xxxxxx')
  })

  it('says what is required', () => {
    const strict = z.object({ topic: text(), period: duration() })
    const error = thrownBy(() => parseOptions(strict, new Map(), { scheme: 'x', uri: 'x://y' }))
    expect(error.message).toBe('2 mistakes in x://y: (1) x option topic is required (2) x option period is required')
  })

  it('hand unknown ones to a lenient component', () => {
    const { options, extra } = parse('perid=5s&perid=6s&delay=2', { lenient: true })
    expect(options.delay).toBe(2)
    expect([...extra]).toEqual([['perid', ['5s', '6s']]])
  })

  it('take defaults of the component, below those of the URI', () => {
    const defaults = { period: '2s', delay: 7, additionalProperties: { a: '1', b: '1' } }
    const { options } = parse('period=3s&additionalProperties.b=2', { defaults })
    expect(options).toMatchObject({ period: 3000, delay: 7, additionalProperties: { a: '1', b: '2' } })
  })

  it('check what the schema says about several options together', () => {
    const pair = z
      .object({ min: integer(), max: integer() })
      .refine(({ min, max }) => min <= max, 'min must not be above max')
    const { parameters, masked } = parseUri('x:y?min=2&max=1')
    const error = thrownBy(() => parseOptions(pair, parameters, { scheme: 'x', uri: masked }))
    expect(error.message).toBe('x: min must not be above max in x://y?max=1&min=2')
  })
})

describe('describeOptions', () => {
  it('gives what the docs print', () => {
    expect(describeOptions(schema)).toEqual([
      { name: 'period', kind: 'query', type: 'duration', required: false, default: '1s', description: 'Between two.' },
      { name: 'delay', kind: 'query', type: 'duration', required: false, default: '1s', description: '' },
      { name: 'fixedRate', kind: 'query', type: 'boolean', required: false, default: 'false', description: '' },
      { name: 'repeatCount', kind: 'query', type: 'integer', required: false, description: '' },
      { name: 'ratio', kind: 'query', type: 'number', required: false, description: 'How much.' },
      { name: 'password', kind: 'query', type: 'string', required: false, description: '' },
      { name: 'level', kind: 'query', type: 'TRACE/DEBUG', required: false, default: 'TRACE', description: '' },
      { name: 'brokers', kind: 'query', type: 'list', required: false, description: '' },
      { name: 'additionalProperties', kind: 'query', type: 'prefixed', required: false, description: '' },
      { name: 'filter', kind: 'query', type: 'bean', required: false, description: '' },
    ])
  })

  it('understands plain zod schemas', () => {
    const plain = z.object({ mode: z.enum(['a', 'b']).describe('Which.'), name: z.string().optional() })
    expect(describeOptions(plain)).toEqual([
      { name: 'mode', kind: 'query', type: 'a/b', required: true, description: 'Which.' },
      { name: 'name', kind: 'query', type: 'string', required: false, description: '' },
    ])
  })
})
