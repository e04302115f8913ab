import type { Exchange } from '../../../exchange/exchange.ts'
import type { Expression } from '../../language.ts'
import type { FunctionNode } from '../ast.ts'
import type { Scope, SimpleFunction } from '../function.ts'
import { isForbidden } from '../members.ts'
import { compilePath } from '../path.ts'

type Read = (exchange: Exchange, key: string) => unknown

/**
 * `name.key`, `name[key]` and `name:key`, with a path into the value behind it. A key with dots in it is tried as a
 * whole first, as in Camel: `header.a.b` is the header `a.b`, else the member `b` of the header `a`.
 */
export function compileKeyed(node: FunctionNode, scope: Scope, read: Read): Expression {
  const [key, ...rest] = node.path
  if (key === undefined) throw scope.invalid(node.at, `a name is missing: ${node.name}.name`)
  if (key.kind === 'member' && key.call) throw scope.invalid(key.at, `${key.name} is a name here, not a method`)
  const readKeyed = key.kind === 'member' ? byName(key.name, read) : byKey(scope.compile(key.key), scope, read)
  if (rest.length === 0) return readKeyed
  const access = compilePath(rest, scope)
  const isDotted = node.path.every(step => step.kind === 'member' && !step.call && !step.nullSafe)
  const whole = node.rawPath
  return exchange => {
    const direct = isDotted ? read(exchange, whole) : undefined
    return direct === undefined || direct === null ? access(readKeyed(exchange), exchange) : direct
  }
}

const byName =
  (name: string, read: Read): Expression =>
  exchange =>
    read(exchange, name)

function byKey(readKey: Expression, scope: Scope, read: Read): Expression {
  return exchange => {
    const key = scope.text(readKey(exchange)).trim()
    if (isForbidden(key)) throw scope.failed(`${key} is not accessible`)
    return read(exchange, key)
  }
}

const header: Read = (exchange, key) => exchange.message.header(key)
const exchangeProperty: Read = (exchange, key) => exchange.getProperty(key)
const variable: Read = (exchange, key) => exchange.getVariable(key)

/** The plain header is read without a further closure: most expressions are that. */
function compileHeader(node: FunctionNode, scope: Scope): Expression {
  const [key] = node.path
  if (node.path.length !== 1 || key?.kind !== 'member' || key.call) return compileKeyed(node, scope, header)
  const { name } = key
  return exchange => exchange.message.header(name)
}

/** All of them as a plain object; `.size` is their number, and any other name one of them. */
const table = (usage: string, all: (exchange: Exchange) => object, read: Read): SimpleFunction => ({
  usage,
  path: 'key',
  compile: (node, scope) => {
    const [key] = node.path
    if (key === undefined) return all
    const isSize = node.path.length === 1 && key.kind === 'member' && (key.name === 'size' || key.name === 'length')
    return isSize ? exchange => Object.keys(all(exchange)).length : compileKeyed(node, scope, read)
  },
})

const keyed = (usage: string, read: Read): SimpleFunction => ({
  usage,
  path: 'key',
  compile: (node, scope) => compileKeyed(node, scope, read),
})

/** Headers, exchange properties and variables. */
export const DATA_FUNCTIONS: Readonly<Record<string, SimpleFunction>> = {
  header: { usage: 'header.name', path: 'key', compile: compileHeader },
  headers: table(
    'headers',
    exchange => (exchange.message.hasHeaders() ? exchange.message.headers.toJSON() : {}),
    header,
  ),
  exchangeProperty: keyed('exchangeProperty.name', exchangeProperty),
  variable: keyed('variable.name', variable),
  variables: table('variables', exchange => Object.fromEntries(exchange.variables), variable),
}
