import type { Socket } from 'node:net'
import { type Clock, DromedaryError, messageOf } from '@dromedary/core/component'
import type { WebSocket } from 'ws'
import { loadWs } from '../library.ts'
import type { ClientRequest } from './request.ts'

/** Limits of one attempt. */
export interface OpenSocketParts {
  readonly clock: Clock
  /** For TCP, TLS and the opening handshake together, ms. */
  readonly handshakeTimeout: number
  readonly signal: AbortSignal
  /** Masked: for errors. */
  readonly uri: string
}

/**
 * Connects. `adopt` is called in the very moment in which the socket is open: the first message may come with the
 * handshake, before any promise settles. Rejects with `DROMEDARY_CONNECTION_FAILED`, and with the reason of the signal.
 */
export async function openSocket<T>(
  { url, protocols, options }: ClientRequest,
  { clock, handshakeTimeout, signal, uri }: OpenSocketParts,
  adopt: (socket: WebSocket, raw: Socket) => T,
): Promise<T> {
  const { WebSocket } = await loadWs()
  signal.throwIfAborted()
  return new Promise<T>((resolve, reject) => {
    let raw: Socket
    const fail = (error: unknown) => {
      settled()
      reject(error)
      // What it says about being ended is of no interest.
      socket.on('error', () => {})
      socket.terminate()
    }
    const broken = (error: unknown) => fail(failure(uri, reasonOf(error), error))
    const aborted = () => fail(signal.reason)
    const late = () => fail(failure(uri, `no handshake within ${handshakeTimeout} ms`))
    const settled = () => {
      timer.cancel()
      signal.removeEventListener('abort', aborted)
      socket.off('error', broken)
    }
    const socket = tryTo(uri, () => new WebSocket(url, [...protocols], options))
    const timer = clock.setTimeout(late, handshakeTimeout)
    signal.addEventListener('abort', aborted, { once: true })
    socket.on('error', broken)
    socket.once('upgrade', response => {
      raw = response.socket
    })
    socket.once('open', () => {
      settled()
      resolve(adopt(socket, raw))
    })
  })
}

/** Header values and sub-protocols that HTTP does not take are found by the library, at once. */
function tryTo<T>(uri: string, make: () => T): T {
  try {
    return make()
  } catch (error) {
    throw failure(uri, messageOf(error), error)
  }
}

function failure(uri: string, why: string, cause?: unknown): DromedaryError {
  return new DromedaryError('DROMEDARY_CONNECTION_FAILED', `cannot connect to ${uri}: ${why}`, { cause })
}

/** A name with several addresses fails with one error for each, and no text of its own. */
function reasonOf(error: unknown): string {
  return messageOf(error instanceof AggregateError ? (error.errors[0] ?? error) : error)
}
