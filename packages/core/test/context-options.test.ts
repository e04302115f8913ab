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

it('prints fields, also those that JSON cannot hold, and no forged line', () => {
  const line = textLines()
  const loop: Record<string, unknown> = {}
  loop['self'] = loop
  const record = { level: 'info', category: 'c', context: 'x' } as const
  expect(line({ ...record, message: 'a\nb', fields: { term: 7n } }, 0)).toMatch(
    /INFO {2}\[c\] \(Dromedary \(x\)\) a\\nb \{"term":"7"\}$/,
  )
  expect(line({ ...record, message: 'm', fields: loop }, 0)).toMatch(/m \{…\}$/)
})
