import { type Clock, systemClock } from '../src/clock.ts'
import { TypeConverters } from '../src/exchange/converters.ts'
import { Exchange } from '../src/exchange/exchange.ts'
import { VariableScopes } from '../src/exchange/variables.ts'
import type { LanguageContext } from '../src/language/language.ts'
import { compileSimple, compileSimplePredicate } from '../src/language/simple/simple.ts'

/** 2026-03-05T13:07:09.042Z, a Thursday. */
export const NOW = Date.UTC(2026, 2, 5, 13, 7, 9, 42)

const clock: Clock = { ...systemClock, now: () => NOW }

export const beans = new Map<string, unknown>()
export const properties = new Map<string, string>()

export const context: LanguageContext = {
  contextName: 'camel-1',
  routeId: 'route1',
  routeGroup: 'group1',
  clock,
  converters: new TypeConverters(),
  random: () => 0.5,
  property: key => properties.get(key),
  lookup: name => beans.get(name),
}

export interface Given {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, unknown>>
  readonly properties?: Readonly<Record<string, unknown>>
  readonly variables?: Readonly<Record<string, unknown>>
  readonly exception?: unknown
}

export function exchangeOf(given: Given = {}): Exchange {
  const services = { converters: new TypeConverters(), variables: new VariableScopes(), nextId: () => '1' }
  const exchange = new Exchange<unknown>(services, given.body, 'from1')
  for (const [name, value] of Object.entries(given.headers ?? {})) exchange.message.setHeader(name, value)
  for (const [name, value] of Object.entries(given.properties ?? {})) exchange.setProperty(name, value)
  for (const [name, value] of Object.entries(given.variables ?? {})) exchange.setVariable(name, value)
  exchange.exception = given.exception
  return exchange
}

export const evaluate = (text: string, given?: Given): unknown => compileSimple(text, context)(exchangeOf(given))

export const holds = (text: string, given?: Given): boolean => compileSimplePredicate(text, context)(exchangeOf(given))
