import { DromedaryError } from '@dromedary/core/component'

/** Where a server listens, and a client connects to. */
export type Address = TcpAddress | UnixAddress

export interface TcpAddress {
  /** Without brackets. */
  readonly host: string
  readonly port: number
}

export interface UnixAddress {
  /** Of the socket. */
  readonly path: string
  /** For the names that a certificate is checked against. */
  readonly host: string
}

/** Listens on every address of the machine. */
const EVERYWHERE = '*'

/**
 * The address of the parts of a URI: `host:port`, `[::1]:port`, or `port` alone for loopback; a unix socket goes before.
 * Throws `DROMEDARY_INVALID_URI`.
 */
export function addressOf(host: string, port: string | undefined, unixPath: string | undefined, uri: string): Address {
  // The path was split at its first colon; an IPv6 address has more.
  const written = port === undefined ? host : `${host}:${port}`
  if (unixPath !== undefined) return { path: unixPath, host }
  const [, bracketed, plain, digits] = /^(?:(?:\[([^[\]]*)\]|([^:[\]@/]*)):)?(\d{1,5})$/.exec(written) ?? []
  const number = Number(digits)
  if (digits === undefined || number > 65_535 || bracketed === '' || plain === '') {
    throw new DromedaryError(
      'DROMEDARY_INVALID_URI',
      `${uri} has no host and port: write tcp:host:port, tcp:[::1]:port, or tcp:port for this machine alone`,
    )
  }
  return { host: bracketed ?? plain ?? '127.0.0.1', port: number }
}

/** What a server gives to `listen`. */
export function listenOn(address: Address): { path: string } | { port: number; host?: string } {
  if ('path' in address) return { path: address.path }
  const { host, port } = address
  return host === EVERYWHERE ? { port } : { host, port }
}

/** `127.0.0.1:5000`, `[::1]:5000`, or the path of a unix socket. */
export function writeAddress(address: Address): string {
  return 'path' in address ? address.path : hostAndPort(address.host, address.port)
}

/** `127.0.0.1:5000`, `[::1]:5000`; empty where the socket has none: a unix socket, or one that is closed. */
export function hostAndPort(host: string | undefined, port: number | undefined): string {
  if (host === undefined || port === undefined) return ''
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
