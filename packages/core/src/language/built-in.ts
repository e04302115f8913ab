import { DromedaryError } from '../errors.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { type Language, LanguageRegistry } from './registry.ts'
import { compileSimple, compileSimplePredicate } from './simple/simple.ts'

const keyed = (name: string, read: (exchange: Exchange, key: string) => unknown): Language => ({
  name,
  compileExpression: text => {
    const key = text.trim()
    if (key === '') throw new DromedaryError('DROMEDARY_INVALID_EXPRESSION', `the language ${name} needs a name`)
    return exchange => read(exchange, key)
  },
})

/** simple, constant, header, exchangeProperty and variable. `with` makes a registry that has more. */
export const builtInLanguages = new LanguageRegistry([
  { name: 'simple', compileExpression: compileSimple, compilePredicate: compileSimplePredicate },
  { name: 'constant', compileExpression: text => () => text },
  keyed('header', (exchange, key) => exchange.message.header(key)),
  keyed('exchangeProperty', (exchange, key) => exchange.getProperty(key)),
  keyed('variable', (exchange, key) => exchange.getVariable(key)),
])
