import type { ClientOptions } from 'ws'
import { addressUrl } from '../address.ts'
import type { EndpointParts } from '../endpoint-parts.ts'
import { frameLimits } from '../library.ts'
import { clientTls } from '../tls.ts'

/** One opening handshake. */
export interface ClientRequest {
  /** With the query; may hold secrets. */
  readonly url: URL
  readonly protocols: readonly string[]
  readonly options: ClientOptions
}

/** The handshake of a client, which tells the server the position that was reached where `resumeParameter` says so. */
export async function clientRequest(parts: EndpointParts, resumeFrom?: unknown): Promise<ClientRequest> {
  const { address, options, secure, uri } = parts
  const { clientSubProtocols, handshake, query, resumeParameter } = options
  const url = addressUrl(address, secure)
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
  if (resumeParameter !== undefined && resumeFrom !== undefined) {
    url.searchParams.set(resumeParameter, positionText(resumeFrom))
  }
  const tls = secure ? await clientTls(options, uri) : {}
  const origin = originOf(parts, url)
  const own: ClientOptions = { ...tls, ...frameLimits(options), headers: handshake }
  return { url, protocols: clientSubProtocols, options: origin === undefined ? own : { ...own, origin } }
}

function originOf({ options, secure }: EndpointParts, url: URL): string | undefined {
  const { allowOriginHeader, originHeaderUrl } = options
  return allowOriginHeader ? (originHeaderUrl ?? `${secure ? 'https' : 'http'}://${url.host}`) : undefined
}

/** A position as a server reads it: as it is written, or as JSON where it is an object. */
function positionText(position: unknown): string {
  return typeof position === 'object' ? JSON.stringify(position) : String(position)
}
