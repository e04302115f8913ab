import { createConnection, isIP, type Socket } from 'node:net'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import { DromedaryError, messageOf } from '@dromedary/core/component'
import { type Address, writeAddress } from '../address.ts'
import { tune } from '../connection/tune.ts'
import type { TcpPlan } from '../plan.ts'
import type { Secure } from '../security/secure.ts'

/** What an error of the system means. */
const MEANING: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ENOENT: 'there is no such socket',
  ENOTFOUND: 'nobody knows a host of that name',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
}

/**
 * A connection to the endpoint, with TLS through its handshake; nothing is read yet. Rejects with `DROMEDARY_CONNECTION_FAILED` when
 * there is none within connectTimeout, and with the signal's reason when that aborts.
 */
export async function connect(plan: TcpPlan, signal: AbortSignal): Promise<Socket> {
  const secure = await plan.secure()
  signal.throwIfAborted()
  const socket = secure ? openSecure(plan, secure) : createConnection({ ...target(plan.address), allowHalfOpen: true })
  // Whoever takes the socket learns from `errored` what happened until then.
  socket.on('error', () => {})
  try {
    await opened(socket, secure ? 'secureConnect' : 'connect', plan, signal)
  } catch (error) {
    socket.destroy()
    throw error
  }
  tune(socket, plan.settings)
  return socket
}

function openSecure({ address, settings }: TcpPlan, { tls, context }: Secure): TLSSocket {
  // A name for the certificate of the peer; an address of the network is none that may be sent.
  const isName = isIP(address.host) === 0
  const options: ConnectionOptions = {
    ...target(address),
    secureContext: context,
    host: address.host,
    rejectUnauthorized: true,
    ...(isName ? { servername: address.host } : {}),
    ...(settings.hostnameVerification ? {} : { checkServerIdentity: () => undefined }),
  }
  return tls.connect({ ...options, allowHalfOpen: true } as ConnectionOptions)
}

function target(address: Address): { path: string } | { host: string; port: number } {
  return 'path' in address ? { path: address.path } : { host: address.host, port: address.port }
}

function opened(socket: Socket, event: string, plan: TcpPlan, signal: AbortSignal): Promise<void> {
  const { address, clock, settings } = plan
  return new Promise((resolve, reject) => {
    const settle = (outcome: () => void) => {
      timer.cancel()
      signal.removeEventListener('abort', aborted)
      socket.off(event, connected).off('error', failed).off('close', closed)
      outcome()
    }
    const connected = () => settle(resolve)
    const failed = (error: Error) => settle(() => reject(connectionFailed(address, meaning(error), error)))
    const closed = () => failed(new Error('the peer closed the connection at once'))
    const aborted = () => settle(() => reject(signal.reason))
    const late = () => {
      const why = `no connection within connectTimeout=${settings.connectTimeout} ms`
      settle(() => reject(connectionFailed(address, why)))
    }
    const timer = clock.setTimeout(late, settings.connectTimeout)
    signal.addEventListener('abort', aborted, { once: true })
    socket.on(event, connected).on('error', failed).on('close', closed)
  })
}

function meaning(error: Error): string {
  // With several addresses for a host Node reports them all, and has no text for that.
  const first = error instanceof AggregateError ? error.errors[0] : error
  return MEANING[(first as NodeJS.ErrnoException | undefined)?.code ?? ''] ?? messageOf(first ?? error)
}

function connectionFailed(address: Address, why: string, cause?: unknown): DromedaryError {
  const message = `cannot connect to ${writeAddress(address)}: ${why}`
  return new DromedaryError('DROMEDARY_CONNECTION_FAILED', message, cause === undefined ? {} : { cause })
}
