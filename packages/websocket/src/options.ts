import { bean, decimal, duration, flag, integer, list, oneOf, prefixed, text } from '@dromedary/core/component'
import { z } from 'zod'
import { isControlHeader } from './names.ts'
import type { OnConnect } from './on-connect.ts'
import type { TlsParameters } from './tls.ts'

const MIB = 1024 * 1024

const names = () =>
  list()
    .refine(all => !all.some(isControlHeader), 'must not name Camel or Dromedary headers: they steer routes')
    .default([])

/** A function, which only a component's defaults can carry, or a bean, which a URI can name. */
const onConnect = () =>
  z
    .union([z.custom<OnConnect>(value => typeof value === 'function'), bean<OnConnect>()], {
      error: 'must be a function, given as a default of the component, or name a bean: #bean:name',
    })
    .meta({ dromedary: { type: 'bean', form: 'bean' } })

const pattern = () => text().refine(isRegularExpression, 'must be a regular expression')

/** Built on first use. */
export const websocketSchema = () =>
  z
    .object({
      consumeAsClient: flag().default(false).describe('The consumer connects to a server, instead of being one.'),
      maxInFlight: integer({ min: 1 })
        .default(1)
        .describe(
          'How many exchanges of one connection may be under way. They are handed in in order; at the limit the connection is not read from.',
        ),
      maxPayload: integer({ min: 1 })
        .default(MIB)
        .describe('Longest message that is received, bytes. A longer one ends its connection with code 1009.'),
      maxBufferedAmount: integer({ min: 0 })
        .default(MIB)
        .describe(
          'Bytes that may wait to be written to one connection. Beyond that a send waits until they have been written.',
        ),
      sendTimeout: duration({ min: 1 })
        .default(30_000)
        .describe('How long such a send waits for a peer that does not read; then the connection is ended.'),
      pingInterval: duration({ min: 0 })
        .default(30_000)
        .describe(
          'Time between two pings. A connection on which nothing at all came from one ping to the next is ended. 0: no pings.',
        ),
      handshakeTimeout: duration({ min: 1 })
        .default(10_000)
        .describe('How long a peer may take for the opening handshake; a client also for TCP, TLS and onConnect.'),
      perMessageDeflate: flag()
        .default(false)
        .describe('Compress messages (RFC 7692) where the peer agrees. Costs much memory and time per connection.'),
      fireWebSocketConnectionEvents: flag()
        .default(false)
        .describe('Exchanges also for connections that open, close and fail, told apart by CamelVertxWebsocket.event.'),
      allowedOriginPattern: pattern()
        .optional()
        .describe(
          'Server: regular expression for the whole Origin header of handshakes. Without it: the host that was asked for, or no Origin at all.',
        ),
      subProtocols: list()
        .default([])
        .describe(
          "Server: sub-protocols that it speaks. The client's order decides; a client that names none of them is refused.",
        ),
      maxConnections: integer({ min: 1 })
        .default(10_000)
        .describe('Server: connections of this path at a time. Further handshakes are answered with 503.'),
      acceptHeaders: names().describe(
        'Server: headers of the handshake that become headers of each exchange. Others are not looked at.',
      ),
      acceptParameters: names().describe(
        'Server: query parameters of the handshake that become headers of each exchange. Others are not looked at.',
      ),
      clientSubProtocols: list().default([]).describe('Client: sub-protocols to ask for, the preferred one first.'),
      handshake: prefixed().describe('Client: headers of the handshake: handshake.Authorization=….'),
      query: prefixed().describe('Client: query parameters of the URL to connect to: query.symbol=….'),
      allowOriginHeader: flag().default(true).describe('Client: send an Origin header.'),
      originHeaderUrl: text()
        .optional()
        .describe('Client: the Origin header. Without it http or https with the host that is connected to.'),
      maxReconnectAttempts: integer({ min: 0 })
        .default(0)
        .describe('Client consumer: attempts in a row that may fail before it gives up. 0: never.'),
      reconnectInitialDelay: duration({ min: 1 })
        .default(100)
        .describe('Client: time before the first attempt to connect again.'),
      reconnectBackOffMultiplier: decimal({ min: 1 })
        .default(2)
        .describe('Client: how much longer each further attempt waits.'),
      reconnectMaxDelay: duration({ min: 1 }).default(10_000).describe('Client: longest time between two attempts.'),
      reconnectJitter: decimal({ min: 0, max: 1 })
        .default(0.2)
        .describe('Client: by which part these times vary at random, up and down.'),
      reconnectInterval: duration({ min: 1 })
        .optional()
        .describe('Client: this time between attempts instead of one that grows.'),
      onConnect: onConnect()
        .optional()
        .describe(
          'Client consumer: function that gives the first message of each connection, or undefined for none. Its argument has resumeFrom, the position that was reached.',
        ),
      resumeParameter: text()
        .optional()
        .describe('Client consumer: name of the query parameter that tells the server the position that was reached.'),
      sendToAll: flag()
        .default(false)
        .describe(
          'Producer: send to all peers of the consumer that this context has at this address. Without such a consumer it connects as a client.',
        ),
      keyFile: text().optional().describe('TLS: file with the private key, PEM.'),
      certFile: text().optional().describe('TLS: file with the certificate chain, PEM.'),
      caFile: text()
        .optional()
        .describe('TLS: file with the certificates to trust, PEM. Without it those that come with Node.'),
      passphrase: text().optional().describe('TLS: passphrase of the private key.'),
      needClientAuth: flag().default(false).describe('TLS server: clients must show a certificate that is trusted.'),
      hostnameVerification: flag()
        .default(true)
        .describe("TLS client: the server's certificate must be for the host that is connected to."),
      sslContextParameters: bean<TlsParameters>()
        .optional()
        .describe(
          "TLS: an object with options of Node's tls.createSecureContext, for what the options above do not cover.",
        ),
      exchangePattern: oneOf(['InOnly', 'InOut'])
        .default('InOnly')
        .describe('Consumer: pattern of the exchanges. No reply is sent with either: reply with a to step.'),
    })
    .refine(
      ({ reconnectInitialDelay, reconnectMaxDelay }) => reconnectInitialDelay <= reconnectMaxDelay,
      'reconnectMaxDelay must not be shorter than reconnectInitialDelay',
    )

/** What may be written in the object form and in the query. */
export interface WebsocketOptions extends z.input<ReturnType<typeof websocketSchema>> {}
/** What the endpoint works with: durations in milliseconds. */
export type WebsocketSettings = z.output<ReturnType<typeof websocketSchema>>

function isRegularExpression(source: string): boolean {
  try {
    return new RegExp(source, 'u') !== undefined
  } catch {
    return false
  }
}
