import { type Exchange, isDromedaryError, messageOf } from '@dromedary/core/component'
import type { Framing } from '../framing/framing.ts'

/** The frame to write back; or why there is none, and whether that is nobody's fault. */
export type Reply = { readonly frame: Uint8Array | string } | { readonly none: string; readonly calledOff?: boolean }

/** Codes of failures that whoever called the work off has told of. */
const CALLED_OFF = ['DROMEDARY_NOT_ACCEPTING', 'DROMEDARY_NOT_LEADER', 'DROMEDARY_INTERRUPTED']

/**
 * What the exchange leaves to reply with. One that failed leaves nothing: what went wrong is no business of whoever is
 * at the other end. Camel writes the exception.
 */
export function replyOf(exchange: Exchange, framing: Framing): Reply {
  if (exchange.failed) {
    const { exception } = exchange
    const none = `it failed${exception === undefined ? '' : `: ${messageOf(exception)}`}`
    return { none, calledOff: CALLED_OFF.some(code => isDromedaryError(exception, code)) }
  }
  const { message } = exchange
  if (message.body === null || message.body === undefined) return { none: 'its body is empty' }
  try {
    return { frame: framing.encode(message) }
  } catch (error) {
    return { none: messageOf(error) }
  }
}
