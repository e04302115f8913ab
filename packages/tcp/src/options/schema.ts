import { z } from 'zod'
import { clientOptions } from './client-options.ts'
import { framingOptions } from './framing-options.ts'
import { producerOptions } from './producer-options.ts'
import { serverOptions } from './server-options.ts'
import { consumerOptions, socketOptions } from './socket-options.ts'
import { tlsOptions } from './tls-options.ts'

/** Built on first use. */
export const tcpSchema = () =>
  z
    .object({
      ...framingOptions(),
      ...socketOptions(),
      ...consumerOptions(),
      ...serverOptions(),
      ...clientOptions(),
      ...producerOptions(),
      ...tlsOptions(),
    })
    .refine(given => framings(given).length <= 1, {
      error: issue => `takes one kind of framing, not ${framings(issue.input as FramingChoice).join(' and ')}`,
    })
    .refine(
      given => framings(given).length === 1,
      'must be told where a message ends: textline=true for lines, lengthFieldLength or fixedLength for binary frames, codec for your own; allowDefaultCodec=false for bytes as they come. What Netty does without, serialised Java objects, does not exist here',
    )
    .refine(
      ({ onConnect, connectMessage }) => onConnect === undefined || connectMessage === undefined,
      'onConnect and connectMessage say the same: give one of them',
    )
    .refine(
      ({ clientMode, onConnect, connectMessage }) =>
        clientMode || (onConnect === undefined && connectMessage === undefined),
      'onConnect and connectMessage need clientMode=true: a server does not connect',
    )
    .refine(
      ({ ssl, sslCert, sslKey, sslCa, passphrase, needClientAuth }) =>
        ssl || ![sslCert, sslKey, sslCa, passphrase, needClientAuth || undefined].some(one => one !== undefined),
      'sslCert, sslKey, sslCa, passphrase and needClientAuth need ssl=true',
    )
    .refine(
      ({ sslCert, sslKey }) => (sslCert === undefined) === (sslKey === undefined),
      'sslCert and sslKey belong together: give both',
    )
    .refine(
      ({ reconnectInterval, reconnectMaxInterval }) => reconnectInterval <= reconnectMaxInterval,
      'reconnectInterval must not be above reconnectMaxInterval',
    )

interface FramingChoice {
  readonly textline?: unknown
  readonly codec?: unknown
  readonly lengthFieldLength?: unknown
  readonly fixedLength?: unknown
  readonly allowDefaultCodec?: unknown
}

/** The kinds of framing that are asked for. */
function framings(given: FramingChoice): string[] {
  const asked: Record<string, boolean> = {
    textline: given.textline === true,
    codec: given.codec !== undefined,
    lengthFieldLength: given.lengthFieldLength !== undefined,
    fixedLength: given.fixedLength !== undefined,
  }
  const names = Object.keys(asked).filter(name => asked[name])
  // As in Camel it only says what happens without any other.
  return names.length === 0 && given.allowDefaultCodec === false ? ['allowDefaultCodec'] : names
}

/** What may be written in the object form and in the query. */
export interface TcpOptions extends z.input<ReturnType<typeof tcpSchema>> {}
/** What the endpoint works with: durations in milliseconds. */
export type TcpSettings = z.output<ReturnType<typeof tcpSchema>>
