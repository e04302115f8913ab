import { DromedaryError } from '../../../errors.ts'
import type { Exchange } from '../../../exchange/exchange.ts'
import type { Expression } from '../../language.ts'
import type { FunctionNode } from '../ast.ts'
import type { Scope, SimpleFunction } from '../function.ts'
import { isForbidden } from '../members.ts'

/** The name and method as written; what a message says never chooses a bean. */
function writtenName(node: FunctionNode, scope: Scope): string {
  const text = node.colon ?? node.args?.[0]?.node
  if (text?.kind !== 'literal' || text.value === '')
    throw scope.invalid(node.at, `write ${node.name}:name, without functions in it`)
  return String(text.value)
}

type Method = (this: unknown, exchange: Exchange) => unknown

function lookUp(scope: Scope, name: string): NonNullable<unknown> {
  const bean = scope.context.lookup(name)
  if (bean !== undefined && bean !== null) return bean
  throw new DromedaryError(
    'DROMEDARY_UNKNOWN_BEAN',
    `the registry holds no bean named ${name}; add it to the context's beans`,
  )
}

/** Own and inherited methods, down to what every object has. */
function methodNames(bean: object): string[] {
  const names = new Set<string>()
  for (
    let level: object | null = bean;
    level !== null && level !== Object.prototype;
    level = Object.getPrototypeOf(level)
  ) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(level))) {
      if (typeof value === 'function' && !isForbidden(name)) names.add(name)
    }
  }
  return [...names]
}

function findMethod(bean: NonNullable<unknown>, name: string, method: string | undefined): Method {
  if (method === undefined && typeof bean === 'function') return bean as Method
  const known = typeof bean === 'object' ? methodNames(bean) : []
  const wanted = method ?? (known.length === 1 ? known[0] : undefined)
  if (wanted !== undefined && known.includes(wanted)) return (bean as Record<string, Method>)[wanted] as Method
  const what = method === undefined ? 'has not exactly one method; name one' : `has no method ${method}`
  const list = known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`
  throw new DromedaryError('DROMEDARY_UNKNOWN_BEAN', `the bean ${name} ${what}: ${list}`)
}

/** `bean:name`, `bean:name.method`, `bean:name?method=m`. The method gets the exchange if it takes one parameter. */
function compileBean(node: FunctionNode, scope: Scope): Expression {
  const match = /^([^.?]+)(?:\.(\w+)|\?method=(\w+))?(?:\(\))?$/.exec(writtenName(node, scope))
  const name = match?.[1]
  if (name === undefined) throw scope.invalid(node.at, 'a bean is written bean:name.method')
  const method = match?.[2] ?? match?.[3]
  if (method !== undefined && isForbidden(method)) throw scope.invalid(node.at, `${method} is not accessible`)
  return exchange => {
    const bean = lookUp(scope, name)
    const call = findMethod(bean, name, method)
    if (call.length > 1)
      throw scope.failed(`the method ${method ?? call.name} of ${name} takes more than one parameter`)
    const result = call.call(bean, exchange)
    if (typeof (result as PromiseLike<unknown> | undefined)?.then === 'function') {
      throw scope.failed(`the bean ${name} answers later, and an expression cannot wait; call it with the bean step`)
    }
    return result
  }
}

/** Beans of the context. */
export const BEAN_FUNCTIONS: Readonly<Record<string, SimpleFunction>> = {
  bean: { usage: 'bean:name.method', colon: 'word', args: [0, 1], path: 'value', compile: compileBean },
  ref: {
    usage: 'ref:name',
    colon: 'word',
    compile: (node, scope) => {
      const name = writtenName(node, scope)
      return () => scope.context.lookup(name)
    },
  },
}
