import { DromedaryError, type ParsedUri } from '@dromedary/core/component'

/** Where a server listens, or a client connects to. */
export interface Address {
  readonly host: string
  readonly port: number
  /** Begins with `/`; percent-encoded as in a request line. */
  readonly path: string
}

const LOOPBACK = '127.0.0.1'
const ADDRESS = /^(\[[\da-f:.%]+\]|[^/:@[\]]*)(?::(\d{1,5}))?(\/.*)?$/i

/**
 * Reads `host:port/path`. Without a host it is loopback (`:8080/feed`, `8080/feed`), without a port 80, or 443 with TLS.
 * Throws `DROMEDARY_INVALID_URI`.
 */
export function readAddress(uri: ParsedUri, secure: boolean): Address {
  const [, host = '', port, path = '/'] = ADDRESS.exec(uri.path) ?? []
  const isPortAlone = port === undefined && /^\d{1,5}$/.test(host)
  const number = isPortAlone ? Number(host) : port === undefined ? defaultPort(secure) : Number(port)
  if (!ADDRESS.test(uri.path) || number > 65_535) throw invalid(uri)
  const encoded = URL.parse(path, 'ws://host')?.pathname
  if (encoded === undefined || /[?#]/.test(path)) throw invalid(uri)
  return { host: isPortAlone || host === '' ? LOOPBACK : host.toLowerCase(), port: number, path: encoded }
}

/** 80, or 443 with TLS. */
export function defaultPort(secure: boolean): number {
  return secure ? 443 : 80
}

/** `host:port/path`: what a consumer and the producers that send to its peers agree on. */
export function addressText({ host, port, path }: Address): string {
  return `${host}:${port}${path}`
}

/** `ws://host:port/path`, the port only where it is not the usual one. */
export function addressUrl({ host, port, path }: Address, secure: boolean): URL {
  return new URL(`${secure ? 'wss' : 'ws'}://${host}:${port}${path}`)
}

/** The host as a socket takes it: without the brackets of an IPv6 address. */
export function bareHost(host: string): string {
  return host.replace(/^\[|\]$/g, '')
}

function invalid(uri: ParsedUri): DromedaryError {
  return new DromedaryError(
    'DROMEDARY_INVALID_URI',
    `${uri.masked} has no valid address: write ${uri.scheme}:host:port/path; credentials go into handshake.Authorization`,
  )
}
