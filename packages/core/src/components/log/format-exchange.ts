import { messageOf } from '../../errors.ts'
import { typeName } from '../../exchange/converters.ts'
import type { Exchange } from '../../exchange/exchange.ts'
import { NAMES } from '../../exchange/names.ts'
import { maskText, maskValue } from './mask-text.ts'
import type { LogOptions } from './options.ts'
import { showValue } from './show-value.ts'

/** What shapes the text of an exchange. */
export type ExchangeFormat = Omit<
  LogOptions,
  'level' | 'marker' | 'groupSize' | 'groupInterval' | 'groupDelay' | 'groupActiveOnly'
>

const LINE_END = /\r\n|\r|\n/g

type Part = readonly [label: string, value: string]

/**
 * An exchange as log lines: one, or with `multiline` one for each part. `Exchange[BodyType: string, Body: hello]`.
 * Camel: `DefaultExchangeFormatter`.
 */
export function formatExchange(exchange: Exchange, format: ExchangeFormat): string[] {
  return linesOf(exchange, format).map(line => cut(line, format.maxChars))
}

function linesOf(exchange: Exchange, format: ExchangeFormat): string[] {
  const { multiline, plain, style } = format
  if (plain) return multiline ? bodyOf(exchange, format).split(LINE_END) : [bodyOf(exchange, format)]
  const parts = partsOf(exchange, format).map(([label, value]) => STYLES[style](label) + value)
  if (!multiline) return [`Exchange[${parts.join(', ')}]`]
  return ['Exchange[', ...parts.flatMap(part => `  ${part}`.split(LINE_END)), ']']
}

const STYLES = {
  Default: (label: string) => `${label}: `,
  Tab: (label: string) => `${label}:\t`,
  Fixed: (label: string) => label.padEnd(24),
} as const

function cut(line: string, maxChars: number): string {
  return maxChars > 0 && line.length > maxChars ? `${line.slice(0, maxChars)}...` : line
}

function partsOf(exchange: Exchange, format: ExchangeFormat): Part[] {
  const { showAll } = format
  const parts: Part[] = []
  if (showAll || format.showExchangeId) parts.push(['Id', exchange.id])
  if (showAll || format.showRouteId) parts.push(['RouteId', exchange.fromRouteId])
  if (showAll || format.showExchangePattern) parts.push(['ExchangePattern', exchange.pattern])
  if (showAll || format.showAllProperties)
    parts.push(['Properties', entries(allProperties(exchange), exchange, format)])
  else if (format.showProperties) parts.push(['Properties', entries(ownProperties(exchange), exchange, format)])
  if (showAll || format.showVariables) parts.push(['Variables', entries(exchange.variables, exchange, format)])
  if (showAll || format.showHeaders) parts.push(['Headers', entries(exchange.message.headers, exchange, format)])
  if (showAll || format.showBodyType) parts.push(['BodyType', typeName(exchange.body)])
  if (showAll || format.showBody) parts.push(['Body', bodyOf(exchange, format)])
  return [...parts, ...failureOf(exchange, format)]
}

function bodyOf({ body, services }: Exchange, { logMask, skipBodyLineSeparator, maxChars }: ExchangeFormat): string {
  if (body === null || body === undefined) return '[Body is null]'
  const text = showValue(body, services.converters, maxChars)
  const masked = logMask ? maskText(text) : text
  return skipBodyLineSeparator ? masked.replaceAll(LINE_END, ' ') : masked
}

type Entries = Iterable<readonly [name: string, value: unknown]>

/** `{name=value, name=value}` */
function entries(of: Entries, { services }: Exchange, { logMask, maxChars }: ExchangeFormat): string {
  const written = [...of].map(([name, value]) => {
    const text = showValue(value, services.converters, maxChars)
    return `${name}=${logMask ? maskValue(name, text) : text}`
  })
  return `{${written.join(', ')}}`
}

function allProperties({ properties, toEndpoint }: Exchange): Entries {
  if (toEndpoint === undefined || properties.has(NAMES.toEndpoint)) return properties
  return [...properties, [NAMES.toEndpoint, toEndpoint]]
}

function ownProperties({ properties }: Exchange): Entries {
  return [...properties].filter(([name]) => !/^(?:Camel|Dromedary)/.test(name))
}

function failureOf(exchange: Exchange, format: ExchangeFormat): Part[] {
  const { showAll, showException, showCaughtException, showStackTrace, logMask } = format
  const own = showAll || showException || showStackTrace ? exchange.exception : undefined
  const caught = showAll || showCaughtException ? exchange.getProperty(NAMES.exceptionCaught) : undefined
  const failure = own ?? caught
  if (failure === undefined || failure === null) return []
  const kind = own === undefined ? 'CaughtException' : 'Exception'
  const masked = (text: string) => (logMask ? maskText(text) : text)
  const parts: Part[] = [
    [`${kind}Type`, typeName(failure)],
    [`${kind}Message`, masked(messageOf(failure))],
  ]
  if ((showAll || showStackTrace) && failure instanceof Error && failure.stack !== undefined) {
    parts.push(['StackTrace', masked(failure.stack)])
  }
  return parts
}
