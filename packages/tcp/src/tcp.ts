import { defineComponent, type EndpointComponent } from '@dromedary/core/component'
import { tcpEndpoint } from './endpoint.ts'
import { REFUSED } from './options/refused.ts'
import { type TcpOptions, tcpSchema } from './options/schema.ts'

/** See {@link tcp}. */
export interface TcpComponent
  extends EndpointComponent<'tcp', [host: string, port: string | undefined], TcpOptions, unknown> {}

/**
 * `tcp:host:port`: a consumer listens there, or connects to it with `clientMode=true`; a producer connects. Messages are
 * lines of text, binary frames, or what a codec makes of the bytes.
 *
 * Fails with `DROMEDARY_START_FAILED` where it cannot listen, with `DROMEDARY_CONNECTION_FAILED`, `DROMEDARY_NO_REPLY` and
 * `DROMEDARY_INVALID_FRAME` when it sends. Camel: the netty component.
 */
export const tcp: TcpComponent = defineComponent({
  scheme: 'tcp',
  title: 'Text lines and binary frames over TCP, TLS and unix sockets, as server and as client.',
  syntax: 'host:port',
  path: {
    host: 'Where a server listens, and a client connects to. * listens on every address of the machine.',
    port: {
      description:
        'Port; 0 lets a server find a free one. A port alone, tcp:5000, is that of 127.0.0.1; with unixDomainSocketPath there is none.',
      optional: true,
    },
  },
  options: tcpSchema,
  refused: REFUSED,
  consumes: true,
  produces: true,
  endpoint: ({ path, options, uri, init }) =>
    tcpEndpoint({ host: path.host, port: path.port, settings: options, uri, init }),
})
