import { simple } from '../definition/expression.ts'
import { DromedaryError } from '../errors.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { isThenable } from '../runtime/thenable.ts'
import { maskUri } from '../uri/mask.ts'
import type { Eip, Sender } from './eip.ts'
import { withPattern } from './to.ts'

/**
 * Sends to an endpoint whose URI is worked out from each exchange. Schemes can be fenced by `allowedSchemes`
 * (`DROMEDARY_SCHEME_NOT_ALLOWED`): do that wherever a part of the URI comes from outside.
 */
export const toD: Eip<'toD'> = (step, at) => {
  const uriOf = at.expression(simple(step.uri))
  const allowed = step.allowedSchemes && new Set(step.allowedSchemes)
  const senders = at.senderCache(step.cacheSize)

  const send = (exchange: Exchange, sender: Sender) => withPattern(sender.send, step.pattern)(exchange)
  const invalid = (error: unknown) => {
    if (!step.ignoreInvalidEndpoint) throw error
  }

  return exchange => {
    const uri = String(uriOf(exchange)).trim()
    const scheme = uri.slice(0, Math.max(0, uri.indexOf(':')))
    if (allowed && !allowed.has(scheme)) throw notAllowed(at.routeId, uri, allowed)
    const { sender, giveBack } = senders.borrow(uri)
    if (isThenable(sender)) {
      return (sender as Promise<Sender>).then(ready => send(exchange, ready), invalid).finally(giveBack)
    }
    let result: unknown
    try {
      result = send(exchange, sender)
    } catch (error) {
      giveBack()
      throw error
    }
    if (isThenable(result)) return Promise.resolve(result).finally(giveBack)
    giveBack()
  }
}

const notAllowed = (routeId: string, uri: string, allowed: ReadonlySet<string>) =>
  new DromedaryError(
    'DROMEDARY_SCHEME_NOT_ALLOWED',
    `toD in route ${routeId} came to ${maskUri(uri)}, but allows only ${[...allowed].join(', ')}`,
  )
