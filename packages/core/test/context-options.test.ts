import { afterEach, expect, it } from 'vitest'
import { type Context, createContext, from, type PropertySource } from '../src/index.ts'
import { textLines } from '../src/text-lines.ts'
import { keepingSink } from './support/log.ts'
import { sources } from './support/source.ts'

const input = sources()
let context: Context | undefined
afterEach(() => context?.stop())

/** Methods on the prototype, state in a private field: what a spread would lose. */
class Properties implements PropertySource {
  readonly #values = new Map([['who', 'you']])

  property(key: string) {
    return this.#values.get(key)
  }

  keys() {
    return this.#values.keys()
  }
}

it.each([
  ['a record', { who: 'you' }],
  ['an object of a class', new Properties()],
])('takes properties from %s, in texts, URIs and Simple, and names the near one', async (_, properties) => {
  const log = keepingSink()
  const routes = [from('source:{{name:in}}').routeId('r').log('{{who}} and ${properties:who} and {{bean:b}}')]
  context = createContext({ routes, components: [input.component], beans: { b: 'bean' }, properties, log })
  await context.start()
  input.source('in').bring()
  expect(log.messages.at(-1)).toBe('info r: you and you and bean')
  const wrong = createContext({ routes: [from('source:{{whi}}')], components: [input.component], properties, log })
  await expect(wrong.start()).rejects.toMatchObject({
    code: 'DROMEDARY_UNKNOWN_PLACEHOLDER',
    message: expect.stringContaining('did you mean who?'),
  })
})

it('prints one line for people, which nothing in it can forge; fields are for machines', () => {
  const line = textLines()
  const record = { level: 'info', category: 'c', context: 'x', message: 'a\nb', fields: { term: 7n } } as const
  expect(line(record, 0)).toMatch(/INFO {2}\[c\] \(Dromedary \(x\)\) a\\nb$/)
})
