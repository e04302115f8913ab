import { DromedaryError } from '@dromedary/core/component'
import type { Connection } from '../connection/connection.ts'
import { AS_BINARY, AS_TEXT, type Payload, type TransmitLimits, transmit } from '../connection/transmit.ts'

type Table = ReadonlyMap<string, Connection>

/** To whoever is connected. One that does not take it in time is disconnected, and fails nobody else's message. */
export function toAll(
  peers: Table,
  payload: Payload,
  limits: TransmitLimits,
  signal: AbortSignal,
): void | Promise<void> {
  const waiting = sendEach(peers.values(), payload, limits, signal)
  if (waiting.length > 0) return allSettled(waiting, signal).then(() => {})
}

/**
 * To the peers of these keys, separated by commas. Throws or rejects with `DROMEDARY_CONNECTION_FAILED` when it reaches none of
 * them: those that have gone are no failure while another one is there.
 */
export function toKeys(
  peers: Table,
  keys: string,
  payload: Payload,
  limits: TransmitLimits,
  signal: AbortSignal,
): void | Promise<void> {
  const open = keys
    .split(',')
    .map(key => peers.get(key.trim()))
    .filter(peer => peer?.isOpen) as Connection[]
  if (open.length === 0) {
    throw new DromedaryError(
      'DROMEDARY_CONNECTION_FAILED',
      `could not send to ${limits.uri}: no peer with the connection key ${keys} is connected; remove the header CamelVertxWebsocket.connectionKey to send to a server`,
    )
  }
  const waiting = sendEach(open, payload, limits, signal)
  if (waiting.length === 0) return
  return allSettled(waiting, signal).then(results => {
    const failures = results.filter(result => result.status === 'rejected')
    if (failures.length === open.length) throw failures[0]?.reason
  })
}

/** Those that have to wait. */
function sendEach(
  peers: Iterable<Connection>,
  payload: Payload,
  limits: TransmitLimits,
  signal: AbortSignal,
): Promise<void>[] {
  // A text is encoded once, however many get it.
  const data = typeof payload === 'string' ? Buffer.from(payload) : payload
  const form = typeof payload === 'string' ? AS_TEXT : AS_BINARY
  const waiting: Promise<void>[] = []
  for (const peer of peers) {
    if (!peer.isOpen) continue
    const pending = transmit(peer.socket, data, limits, signal, form)
    if (pending !== undefined) waiting.push(pending)
  }
  return waiting
}

async function allSettled(waiting: Promise<void>[], signal: AbortSignal) {
  const results = await Promise.allSettled(waiting)
  signal.throwIfAborted()
  return results
}
