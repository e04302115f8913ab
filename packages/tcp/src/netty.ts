import { DromedaryError, defineComponent, type EndpointComponent } from '@dromedary/core/component'
import { tcpEndpoint } from './endpoint.ts'
import { REFUSED } from './options/refused.ts'
import { type TcpOptions, tcpSchema } from './options/schema.ts'

/** See {@link netty}. */
export interface NettyComponent
  extends EndpointComponent<'netty', [protocol: string, host: string, port: string], TcpOptions, unknown> {}

/** `netty:tcp://host:port`: Camel's name for `tcp:host:port`. UDP does not exist here: `DROMEDARY_UNSUPPORTED`. */
export const netty: NettyComponent = defineComponent({
  scheme: 'netty',
  title: 'Camel’s name for tcp: netty:tcp://host:port is tcp:host:port.',
  syntax: 'protocol://host:port',
  path: {
    protocol: 'Always tcp.',
    host: 'Where a server listens, and a client connects to.',
    port: 'Port; 0 lets a server find a free one.',
  },
  options: tcpSchema,
  refused: REFUSED,
  consumes: true,
  produces: true,
  endpoint({ path, options, uri, init }) {
    if (path.protocol !== 'tcp') {
      const message = `${uri} asks for ${path.protocol}: there is TCP only, write netty:tcp://host:port`
      throw new DromedaryError('DROMEDARY_UNSUPPORTED', message)
    }
    return tcpEndpoint({ host: path.host, port: path.port, settings: options, uri, init })
  },
})
