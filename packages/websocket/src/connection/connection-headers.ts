import type { Socket } from 'node:net'
import { HEADERS } from '../names.ts'

/** Headers that say which connection a message came through. */
export function connectionHeaders(key: string, raw: Socket, subProtocol: string): [name: string, value: unknown][] {
  const headers: [string, unknown][] = [
    [HEADERS.connectionKey, key],
    [HEADERS.remoteAddress, remoteAddressOf(raw)],
  ]
  if (subProtocol !== '') headers.push([HEADERS.subProtocol, subProtocol])
  return headers
}

/** `192.0.2.7:51234` */
export function remoteAddressOf({ remoteAddress, remotePort, remoteFamily }: Socket): string {
  const host = remoteFamily === 'IPv6' ? `[${remoteAddress}]` : remoteAddress
  return `${host}:${remotePort}`
}
