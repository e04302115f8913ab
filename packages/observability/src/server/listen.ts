import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type H3, toNodeHandler } from 'h3'

/** Who asks for more than this is no probe. Times in milliseconds, sizes in bytes. */
const LIMITS = {
  maxHeaderSize: 8_192,
  headersTimeout: 5_000,
  requestTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
} as const
const MAX_CONNECTIONS = 64
const IDLE_MS = 10_000

/** A server for the app, which does not listen yet. It takes GET and HEAD without a body, and nothing else. */
export function limitedServer(app: H3): Server {
  const handle = toNodeHandler(app)
  const server = createServer(LIMITS, (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      refuse(response, 405, { allow: 'GET, HEAD' })
    } else if (hasBody(request)) refuse(response, 413, {})
    else if (!isReadable(request)) refuse(response, 400, {})
    else void handle(request, response)
  })
  server.setTimeout(IDLE_MS)
  // Of many that come in one piece each would be answered, and the answers kept, though nobody reads them.
  server.maxRequestsPerSocket = 1
  limitConnections(server)
  return server
}

/**
 * One too many ends the one that has been there for longest. To turn the new one away would let anybody who keeps a few
 * connections open have the process killed: it is the probe that would be turned away.
 */
function limitConnections(server: Server): void {
  const open = new Set<Socket>()
  server.on('connection', socket => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    const [oldest] = open
    if (open.size <= MAX_CONNECTIONS || oldest === undefined) return
    open.delete(oldest)
    oldest.destroy()
  })
}

/** Whether its path can be decoded. */
function isReadable({ url = '' }: IncomingMessage): boolean {
  try {
    decodeURI(url.split('?', 1)[0] ?? '')
    return true
  } catch {
    return false
  }
}

const hasBody = ({ headers }: IncomingMessage) =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'

/** What else it sends is not read. */
function refuse(response: ServerResponse, status: number, headers: Record<string, string>): void {
  response.writeHead(status, { ...headers, connection: 'close', 'content-length': 0 }).end()
}
