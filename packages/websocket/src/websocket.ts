import {
  DromedaryError,
  defineComponent,
  type Endpoint,
  type EndpointAt,
  type EndpointComponent,
  typeOf,
} from '@dromedary/core/component'
import { readAddress } from './address.ts'
import { ClientConsumer } from './client/consumer.ts'
import { peersOf } from './connection/peers.ts'
import type { EndpointParts } from './endpoint-parts.ts'
import { loadWs } from './library.ts'
import { type WebsocketOptions, type WebsocketSettings, websocketSchema } from './options.ts'
import { WebsocketProducer } from './producer/producer.ts'
import { REFUSED } from './refused.ts'
import { ServerConsumer } from './server/consumer.ts'
import { asksForTls } from './tls.ts'

/** See {@link ws}, {@link wss} and {@link vertxWebsocket}. */
export interface WebsocketComponent<S extends string>
  extends EndpointComponent<S, [address: string], WebsocketOptions, string | Buffer> {}

/** `ws:host:port/path`: messages of WebSocket connections, as a server or as a client. Camel: vertx-websocket. */
export const ws: WebsocketComponent<'ws'> = define(
  'ws',
  'Messages of WebSocket connections, as a server or as a client.',
)

/** `wss:host:port/path`: as {@link ws}, with TLS. */
export const wss: WebsocketComponent<'wss'> = define(
  'wss',
  'Messages of WebSocket connections with TLS, as a server or as a client.',
)

/** `vertx-websocket:host:port/path`: {@link ws} under Camel's name; with TLS when an option for that is given. */
export const vertxWebsocket: WebsocketComponent<'vertx-websocket'> = define(
  'vertx-websocket',
  'Messages of WebSocket connections, under the name that Camel has for them.',
)

function define<const S extends string>(scheme: S, title: string): WebsocketComponent<S> {
  return defineComponent({
    scheme,
    title,
    syntax: 'address',
    path: {
      address:
        'Where to listen, or to connect to: host:port/path. Without a host it is loopback, without a port 80, or 443 with TLS; 0.0.0.0 listens on all interfaces.',
    },
    options: websocketSchema,
    refused: REFUSED,
    consumes: true,
    produces: true,
    body: typeOf<string | Buffer>(),
    endpoint: at => connect(scheme, at),
  }) as WebsocketComponent<S>
}

function connect(scheme: string, { init, options, uri }: EndpointAt<unknown, WebsocketSettings>): Endpoint {
  const secure = scheme === 'wss' || (scheme !== 'ws' && asksForTls(options))
  if (!secure && asksForTls(options)) {
    throw new DromedaryError('DROMEDARY_INVALID_OPTION', `${uri} has options for TLS, but ws is without: write wss`)
  }
  const parts: EndpointParts = {
    uri,
    address: readAddress(init.uri, secure),
    secure,
    options,
    peers: peersOf(init),
    shared: init.shared,
  }
  return {
    uri,
    // A member that stands by has imported ws.
    warmUp: async () => void (await loadWs()),
    consumer: entry =>
      options.consumeAsClient ? new ClientConsumer(entry, parts, Math.random) : new ServerConsumer(entry, parts),
    producer: () => new WebsocketProducer(init.context, parts, Math.random),
  }
}
