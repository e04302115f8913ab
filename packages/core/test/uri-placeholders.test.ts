import { describe, expect, it } from 'vitest'
import { type PropertySource, resolvePlaceholders } from '../src/uri/placeholders.ts'
import { thrownBy } from './thrown-by.ts'

function source(values: Record<string, string>, beans: Record<string, unknown> = {}): PropertySource {
  return {
    property: key => values[key],
    lookup: name => beans[name],
    env: name => ({ HOME: '/home/me', NODE_ID: 'n1', lower: 'l' })[name],
    keys: () => Object.keys(values),
  }
}
const values = source(
  {
    a: '1',
    b: '{{a}}{{a}}',
    yes: 'true',
    no: 'FALSE',
    which: 'a',
    loop: '{{back}}',
    back: '{{loop}}',
    'node.namespace': 'ns',
    pw: 'x&y',
  },
  { count: 7, server: { port: 80, host: () => 'h' } },
)
const resolve = (text: string) => resolvePlaceholders(text, values)

describe('resolvePlaceholders', () => {
  it.each([
    ['plain ${body} { } }}', 'plain ${body} { } }}'],
    ['timer:{{a}}?period={{a}}s', 'timer:1?period=1s'],
    ['{{ a }}', '1'],
    ['{{none:x}}', 'x'],
    ['{{none:}}', ''],
    ['{{none:tcp://h:1}}', 'tcp://h:1'],
    ['{{a:tcp://h:1}}', '1'],
    ['{{b}}', '11'],
    ['{{b?nested=false}}', '{{a}}{{a}}'],
    ['{{b?nested=true}}', '11'],
    ['{{none:{{a}}}}', '1'],
    ['{{none:{{nor:{{a}}}}x}}', '1x'],
    ['{{a:{{never looked at}}}}', '1'],
    ['{{{{which}}}}', '1'],
    ['{{{{none:which}}}}', 'a'],
    ['{{none:{{b?nested=false}}}}', '{{a}}{{a}}'],
    ['x?password=RAW{{{pw}}}', 'x?password=RAW{x&y}'],
    ['{{!yes}} {{!no}} {{!none:true}}', 'false true false'],
    ['\\{{a\\}}', '{{a}}'],
    ['\\{{a}} {{a}}', '{{a}} 1'],
    ['\\{{a', '{{a'],
    ['{{env:HOME}} {{env:lower}} {{env:node.id}} {{env:NONE:d}}', '/home/me l n1 d'],
    ['{{sys:a}} {{sys:none:d}}', '1 d'],
    ['{{bean:count}} {{bean:server.port}} {{bean:server.host}} {{bean:none:d}}', '7 80 h d'],
  ])('%s', (text, resolved) => {
    expect(resolve(text)).toBe(resolved)
  })

  it.each([
    ['x:y?p={{?none}}', 'x:y'],
    ['x:y?p={{?none}}&q=1', 'x:y?q=1'],
    ['x:y?q=1&p={{?none}}', 'x:y?q=1'],
    ['x:y?q=1&p={{?a}}', 'x:y?q=1&p=1'],
    ['x:y?q=1&p=RAW(a&{{?none}})&r=2', 'x:y?q=1&r=2'],
    ['x:y?q=1&p=a{{?none}}b', 'x:y?q=1'],
    ['x:y?p={{?none:5}}', 'x:y?p=5'],
    ['x:y?p={{!?none}}&q={{?!yes}}', 'x:y?q=false'],
    ['master:{{node.namespace}}:timer:x?period={{?none}}&delay=1', 'master:ns:timer:x?delay=1'],
    ['x:y{{?none}}', 'x:y'],
    ['really? {{?none}} & more', 'really?  & more'],
  ])('drops the option of a missing optional one: %s', (text, resolved) => {
    expect(resolve(text)).toBe(resolved)
  })

  it.each([
    [
      'timer:x?period={{node.namespce}}',
      'DROMEDARY_UNKNOWN_PLACEHOLDER',
      /\{\{node\.namespce\}\} in route r has no value.*did you mean node\.namespace\?/,
    ],
    ['{{zzzzzz}}', 'DROMEDARY_UNKNOWN_PLACEHOLDER', /set zzzzzz, or write \{\{zzzzzz:default\}\}/],
    ['{{env:NONE}}', 'DROMEDARY_UNKNOWN_PLACEHOLDER', /env:NONE/],
    ['{{a', 'DROMEDARY_INVALID_PLACEHOLDER', /is not closed by \}\} in route r/],
    ['{{none:{{a}}', 'DROMEDARY_INVALID_PLACEHOLDER', /is not closed/],
    ['{{}}', 'DROMEDARY_INVALID_PLACEHOLDER', /has no key/],
    ['{{loop}}', 'DROMEDARY_INVALID_PLACEHOLDER', /\{\{loop\}\} refers to itself: loop → back → loop in route r$/],
    ['{{!a}}', 'DROMEDARY_INVALID_PLACEHOLDER', /true or false/],
    ['{{service:web}}', 'DROMEDARY_INVALID_PLACEHOLDER', /no service discovery/],
    ['{{service.port:web}}', 'DROMEDARY_INVALID_PLACEHOLDER', /no service discovery/],
    ['{{bean:server.prot}}', 'DROMEDARY_INVALID_PLACEHOLDER', /does not have: prot/],
  ])('refuses %s', (text, code, message) => {
    const error = thrownBy(() => resolvePlaceholders(text, values, 'route r'))
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) })
  })

  it('reads the environment of the process when the source has none of its own', () => {
    expect(resolvePlaceholders('{{env:PATH}}', { property: () => undefined })).toBe(process.env['PATH'])
  })
})
