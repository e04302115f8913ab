import type { Exchange } from '../../../exchange/exchange.ts'
import { NAMES } from '../../../exchange/names.ts'
import type { Expression } from '../../language.ts'
import type { FunctionNode } from '../ast.ts'
import { compileDateFormat, type DateFormat } from '../date-format.ts'
import type { Scope, SimpleFunction } from '../function.ts'
import { zoneName } from '../time-zone.ts'

/** `now`, `header.birthday+24h`, `exchangeCreated-1h30m`. */
const COMMAND =
  /^(now|millis|exchangeCreated|file|(?:header|variable|exchangeProperty)\.\S+?)((?:[+-](?:\d+(?:ms|[dhms])?)+)*)$/
const OFFSET = /([+-])?(\d+)(ms|[dhms])?/g
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
/** A zone such as `GMT+08:00` has a colon of its own. */
const ZONE = /^((?:GMT|UTC)?[+-]\d{1,2}:\d{2}|[^:]+)(?::([\s\S]*))?$/

/** A sign holds for all amounts behind it; an amount without a unit is milliseconds. */
function offsetOf(text: string): number {
  let total = 0
  let sign = 1
  for (const [, written, amount, unit] of text.matchAll(OFFSET)) {
    if (written !== undefined) sign = written === '-' ? -1 : 1
    total += sign * Number(amount) * (UNITS[unit ?? 'ms'] ?? 1)
  }
  return total
}

type Moment = (exchange: Exchange) => number

/** Where the moment comes from; undefined for what is no command. */
function compileMoment(command: string, scope: Scope): Moment | undefined {
  const match = COMMAND.exec(command)
  const source = match?.[1]
  if (source === undefined) return undefined
  const offset = offsetOf(match?.[2] ?? '')
  const { clock } = scope.context
  if (source === 'now' || source === 'millis') return () => clock.now() + offset
  const read = readerOf(source)
  if (source === 'exchangeCreated') {
    return exchange => (read(exchange) === undefined ? clock.now() : toMillis(read(exchange), source, scope)) + offset
  }
  return exchange => toMillis(read(exchange), source, scope) + offset
}

function readerOf(source: string): Expression {
  const dot = source.indexOf('.')
  const name = source.slice(dot + 1)
  switch (dot < 0 ? source : source.slice(0, dot)) {
    case 'header':
      return exchange => exchange.message.header(name)
    case 'variable':
      return exchange => exchange.getVariable(name)
    case 'exchangeProperty':
      return exchange => exchange.getProperty(name)
    case 'file':
      return exchange => exchange.message.header('CamelFileLastModified')
    default:
      return exchange => exchange.getProperty('CamelCreatedTimestamp')
  }
}

function toMillis(value: unknown, source: string, scope: Scope): number {
  const date = scope.context.converters.convert(value, 'date')
  if (date === undefined) throw scope.failed(`${source} holds no date`)
  return date.getTime()
}

interface DateCommand {
  readonly moment: Moment
  readonly format: DateFormat | undefined
  readonly isMillis: boolean
}

/** What stands behind `date:` or `date-with-timezone:`. Throws an Error with the reason. */
function parseCommand(text: string, withZone: boolean, scope: Scope): DateCommand {
  const colon = text.indexOf(':')
  const command = (colon < 0 ? text : text.slice(0, colon)).trim()
  const moment = compileMoment(command, scope)
  if (moment === undefined) {
    throw new Error(
      `unknown date command ${JSON.stringify(command)}; write now, exchangeCreated, header.x and the like`,
    )
  }
  const rest = colon < 0 ? undefined : text.slice(colon + 1)
  const zone = withZone ? ZONE.exec(rest ?? '') : null
  if (withZone && !zone?.[1]) throw new Error('a time zone is missing: date-with-timezone:command:zone:pattern')
  const pattern = withZone ? zone?.[2] : rest
  const isMillis = command.startsWith('millis')
  if (pattern === undefined) return { moment, format: undefined, isMillis }
  return {
    moment,
    format: compileDateFormat(pattern, zone?.[1] === undefined ? undefined : zoneName(zone[1])),
    isMillis,
  }
}

const dateFunction =
  (withZone: boolean) =>
  (node: FunctionNode, scope: Scope): Expression => {
    if (node.colon === undefined) throw scope.invalid(node.at, `write ${node.name}:now:pattern`)
    if (node.colon.kind === 'literal') {
      try {
        return evaluate(parseCommand(String(node.colon.value), withZone, scope))
      } catch (error) {
        throw scope.invalid(node.colon.at, (error as Error).message)
      }
    }
    return compileDynamic(scope.compile(node.colon), withZone, scope)
  }

/** A text with functions in it is parsed when it differs from the last one. */
function compileDynamic(read: Expression, withZone: boolean, scope: Scope): Expression {
  let lastText: string | undefined
  let last: Expression | undefined
  return exchange => {
    const text = scope.text(read(exchange))
    if (last === undefined || text !== lastText) {
      try {
        last = evaluate(parseCommand(text, withZone, scope))
      } catch (error) {
        throw scope.failed((error as Error).message, error)
      }
      lastText = text
    }
    return last(exchange)
  }
}

/** Text with a pattern, else a Date, or a number for `millis`. */
function evaluate({ moment, format, isMillis }: DateCommand): Expression {
  if (format !== undefined) return exchange => format(moment(exchange))
  return isMillis ? moment : exchange => new Date(moment(exchange))
}

/** The clock, and moments that messages carry. */
export const TIME_FUNCTIONS: Readonly<Record<string, SimpleFunction>> = {
  date: { usage: 'date:command:pattern', colon: 'pattern', compile: dateFunction(false) },
  'date-with-timezone': {
    usage: 'date-with-timezone:command:zone:pattern',
    colon: 'pattern',
    compile: dateFunction(true),
  },
  messageTimestamp: {
    usage: 'messageTimestamp',
    compile: () => exchange => exchange.message.header(NAMES.messageTimestamp) ?? 0,
  },
}
