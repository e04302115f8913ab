import type { IncomingMessage } from 'node:http'
import type { WebsocketSettings } from '../options.ts'

/** What the handshake of a peer leaves on each of its exchanges: only what the endpoint asked for by name. */
export function handshakeHeaders(
  request: IncomingMessage,
  url: URL,
  { acceptHeaders, acceptParameters }: Pick<WebsocketSettings, 'acceptHeaders' | 'acceptParameters'>,
): [name: string, value: unknown][] {
  const found: [string, unknown][] = []
  for (const name of acceptHeaders) {
    const value = request.headers[name.toLowerCase()]
    if (value !== undefined) found.push([name, String(value)])
  }
  for (const name of acceptParameters) {
    const value = url.searchParams.get(name)
    if (value !== null) found.push([name, value])
  }
  return found
}
