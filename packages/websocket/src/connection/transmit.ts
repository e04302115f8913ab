import { type Clock, DromedaryError, type Message } from '@dromedary/core/component'
import type { WebSocket } from 'ws'

/** What is sent: a text as a text message, bytes as a binary one. */
export type Payload = string | Uint8Array
/** Of a message whose bytes are made already. */
export const AS_TEXT = { binary: false } as const
/** The other kind. */
export const AS_BINARY = { binary: true } as const

/** How much may wait to be written, and for how long. */
export interface TransmitLimits {
  readonly clock: Clock
  readonly maxBufferedAmount: number
  readonly sendTimeout: number
  /** Masked: for errors. */
  readonly uri: string
}

/** The body as it is sent; whatever is neither a text nor bytes is converted to a text. Throws `DROMEDARY_NO_CONVERTER`. */
export function payloadOf(message: Message): Payload {
  const { body } = message
  if (typeof body === 'string' || body instanceof Uint8Array) return body
  return body instanceof ArrayBuffer ? new Uint8Array(body) : message.getMandatoryBody('string')
}

/**
 * Sends on an open socket. While few bytes wait to be written that is all, at no cost; beyond the limit it resolves when
 * this message has been written, and rejects with `DROMEDARY_CONNECTION_FAILED` when that fails or takes too long (the
 * connection is ended then), and with the reason of the signal when that aborts.
 */
export function transmit(
  socket: WebSocket,
  payload: Payload,
  limits: TransmitLimits,
  signal: AbortSignal,
  form: typeof AS_TEXT | typeof AS_BINARY = typeof payload === 'string' ? AS_TEXT : AS_BINARY,
): void | Promise<void> {
  if (socket.bufferedAmount <= limits.maxBufferedAmount) return socket.send(payload, form)
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      timer.cancel()
      signal.removeEventListener('abort', aborted)
      act()
    }
    const aborted = () => settle(() => reject(signal.reason))
    const timer = limits.clock.setTimeout(() => {
      settle(() => reject(failure(limits, `the peer has not read for ${limits.sendTimeout} ms`)))
      socket.terminate()
    }, limits.sendTimeout)
    signal.addEventListener('abort', aborted, { once: true })
    socket.send(payload, form, error =>
      settle(() => (error ? reject(failure(limits, error.message, error)) : resolve())),
    )
  })
}

function failure({ uri }: TransmitLimits, why: string, cause?: unknown): DromedaryError {
  return new DromedaryError('DROMEDARY_CONNECTION_FAILED', `could not send to ${uri}: ${why}`, { cause })
}
