import { randomUUID } from 'node:crypto'
import { type ClockTimer, DromedaryError, type RouteEntry } from '@dromedary/core/component'
import { Connection } from '../connection/connection.ts'
import { connectionHeaders } from '../connection/connection-headers.ts'
import { deliver } from '../connection/deliver.ts'
import type { EndpointParts } from '../endpoint-parts.ts'
import { openSocket } from './open-socket.ts'
import { clientRequest } from './request.ts'

/**
 * One connection of a client consumer: asks for the position, connects, and sends what `onConnect` gives. Nothing of it is
 * handed in before `inbox.release()`. Rejects with the reason, and leaves nothing open then.
 */
export async function attempt(
  entry: RouteEntry,
  parts: EndpointParts,
  signal: AbortSignal,
  resumeFrom: unknown,
): Promise<Connection> {
  const { uri, options } = parts
  const request = await clientRequest(parts, resumeFrom)
  signal.throwIfAborted()
  const connection = await openSocket(
    request,
    { clock: entry.clock, handshakeTimeout: options.handshakeTimeout, signal, uri },
    (socket, raw) => {
      const key = randomUUID()
      const fireEvents = options.fireWebSocketConnectionEvents
      const delivery = { fireEvents, pattern: options.exchangePattern }
      return new Connection({
        key,
        socket,
        raw,
        headers: connectionHeaders(key, raw, socket.protocol),
        maxInFlight: options.maxInFlight,
        maxPayload: options.maxPayload,
        held: true,
        fireEvents,
        hand: (incoming, from) => deliver(entry, from, incoming, delivery),
      })
    },
  )
  try {
    await introduce(entry, parts, connection, signal, resumeFrom)
    return connection
  } catch (error) {
    connection.inbox.drop()
    connection.terminate('the first message could not be sent')
    throw error
  }
}

/** What a client says first. */
async function introduce(
  { clock, routeId }: RouteEntry,
  { options, uri }: EndpointParts,
  connection: Connection,
  signal: AbortSignal,
  resumeFrom: unknown,
): Promise<void> {
  const { onConnect, handshakeTimeout } = options
  if (onConnect === undefined) return
  const own = new AbortController()
  const ended = Promise.withResolvers<never>()
  const stop = (reason: unknown) => {
    own.abort(reason)
    ended.reject(reason)
  }
  const stopped = () => stop(signal.reason)
  signal.addEventListener('abort', stopped, { once: true })
  const timer: ClockTimer = clock.setTimeout(
    () => stop(failure(uri, `onConnect gave no message within ${handshakeTimeout} ms`)),
    handshakeTimeout,
  )
  ended.promise.catch(() => {})
  const subProtocol = connection.socket.protocol || undefined
  try {
    const first = await Promise.race([
      (async () => onConnect({ resumeFrom, subProtocol, routeId, signal: own.signal }))(),
      ended.promise,
    ])
    if (first !== undefined) connection.socket.send(first)
  } finally {
    timer.cancel()
    signal.removeEventListener('abort', stopped)
  }
}

function failure(uri: string, why: string): DromedaryError {
  return new DromedaryError('DROMEDARY_CONNECTION_FAILED', `could not begin at ${uri}: ${why}`)
}
