import { messageOf } from '@dromedary/core/component'
import { CLOSE_CODES } from '../names.ts'

/** Something that happened to a connection, on its way into the route between the messages. */
export class ConnectionEvent {
  readonly type: 'OPEN' | 'CLOSE' | 'ERROR'
  /** Of a close: code and reason. */
  readonly closing: Closing | undefined
  /** Of an error. */
  readonly error: unknown

  constructor(type: ConnectionEvent['type'], details: { readonly closing?: Closing; readonly error?: unknown } = {}) {
    this.type = type
    this.closing = details.closing
    this.error = details.error
  }
}

/** How a connection ended. */
export interface Closing {
  /** Of RFC 6455; 1006 when there was no closing frame. */
  readonly code: number
  /** What the peer said: from outside, its control characters taken out. */
  readonly reason: string
  /** In words, for logs. */
  readonly text: string
}

/** What a connection brings, in order. */
export type Incoming = string | Buffer | ConnectionEvent

/** What `ws` says about an end, made fit to print. `own` is why this side ended it, where it did. */
export function closingOf(code: number, reason: Buffer, own: string | undefined): Closing {
  const said = reason.toString('utf8').replaceAll(/\p{Cc}+/gu, ' ')
  const theirs =
    code === CLOSE_CODES.broken ? 'the connection broke' : `closed with ${code}${said === '' ? '' : ` (${said})`}`
  return { code, reason: said, text: own ?? theirs }
}

/** Why `ws` ended a connection: the peer broke the protocol, or a limit. */
export interface ProtocolFailure {
  readonly text: string
  /** The message was longer than `maxPayload`; the peer got code 1009. */
  readonly isTooLong: boolean
}

/** What an error of `ws` means. */
export function protocolFailure(error: Error & { readonly code?: string }, maxPayload: number): ProtocolFailure {
  const isTooLong = error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'
  return { isTooLong, text: isTooLong ? `a message is longer than maxPayload, ${maxPayload} bytes` : messageOf(error) }
}
