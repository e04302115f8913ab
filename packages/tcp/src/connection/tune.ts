import type { Socket } from 'node:net'
import type { TcpSettings } from '../options/schema.ts'

/** How long a connection is silent before the operating system probes it. */
const PROBE_AFTER_MS = 60_000

/** Sets the options of the socket. A unix socket has none of them, and Node ignores them there. */
export function tune(socket: Socket, { keepAlive, tcpNoDelay }: TcpSettings): void {
  if (tcpNoDelay) socket.setNoDelay(true)
  if (keepAlive) socket.setKeepAlive(true, PROBE_AFTER_MS)
}
