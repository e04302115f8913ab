import { DromedaryError } from '../errors.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { isThenable } from '../runtime/thenable.ts'
import type { Eip } from './eip.ts'

type Method = (this: unknown, body: unknown, exchange: Exchange) => unknown

/**
 * Calls a method with the body (and the exchange as second argument). What it returns becomes the body, unless that is
 * undefined. Found when the route is compiled: `DROMEDARY_UNKNOWN_BEAN` names what is missing.
 */
export const bean: Eip<'bean'> = (step, at) => {
  const name = typeof step.ref === 'string' ? step.ref : step.ref.constructor.name
  const target = typeof step.ref === 'string' ? at.lookup(step.ref) : step.ref
  if (target === undefined || target === null) {
    throw new DromedaryError('DROMEDARY_UNKNOWN_BEAN', `route ${at.routeId} calls the bean ${name}: there is none`)
  }
  const method = methodOf(target, step.method, `${name} in route ${at.routeId}`)
  const put = (exchange: Exchange, result: unknown) => {
    if (result !== undefined) exchange.message.body = result
  }
  return exchange => {
    const result = method.call(target, exchange.message.body, exchange)
    return isThenable(result) ? Promise.resolve(result).then(settled => put(exchange, settled)) : put(exchange, result)
  }
}

function methodOf(target: object, wanted: string | undefined, where: string): Method {
  if (wanted !== undefined) {
    const method = (target as Record<string, unknown>)[wanted]
    if (typeof method === 'function' && wanted !== 'constructor') return method as Method
    throw new DromedaryError('DROMEDARY_UNKNOWN_BEAN', `the bean ${where} has no method ${wanted}`)
  }
  if (typeof target === 'function') return target as unknown as Method
  const names = [...methodNames(target)]
  if (names.length === 1) return (target as Record<string, Method>)[names[0] as string] as Method
  throw new DromedaryError(
    'DROMEDARY_UNKNOWN_BEAN',
    `the bean ${where} has ${names.length === 0 ? 'no methods' : `the methods ${names.join(', ')}`}: say which one to call`,
  )
}

function methodNames(target: object): Set<string> {
  const names = new Set<string>()
  for (let at: object | null = target; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) {
      if (name !== 'constructor' && typeof (target as Record<string, unknown>)[name] === 'function') names.add(name)
    }
  }
  return names
}
