import { DromedaryError, type Endpoint, type EndpointInit } from '@dromedary/core/component'
import { addressOf } from './address.ts'
import { ClientConsumer } from './client/client-consumer.ts'
import { isFunction } from './client/on-connect.ts'
import { framing, isCodec } from './framing/framing.ts'
import type { TcpSettings } from './options/schema.ts'
import type { TcpPlan } from './plan.ts'
import { TcpProducer } from './producer/producer.ts'
import { secureOnce } from './security/secure.ts'
import { ServerConsumer } from './server/server-consumer.ts'

/** What an endpoint is made of. */
export interface TcpPlace {
  readonly host: string
  readonly port: string | undefined
  readonly settings: TcpSettings
  /** Normal form, secrets masked. */
  readonly uri: string
  readonly init: EndpointInit
}

/** The endpoint of `tcp:` and of `netty:tcp:`. Opens nothing. */
export function tcpEndpoint({ host, port, settings, uri, init }: TcpPlace): Endpoint {
  checkBean('codec', settings.codec, isCodec, 'a codec: an object with decoder() and encode(body)', uri)
  checkBean('onConnect', settings.onConnect, isFunction, 'a function', uri)
  const plan: TcpPlan = {
    uri,
    address: addressOf(host, port, settings.unixDomainSocketPath, uri),
    settings,
    framing: framing(settings),
    secure: secureOnce(settings, uri),
    clock: init.context.clock,
    log: init.context.logger('tcp', uri.replace(/\?.*$/s, '')),
  }
  return {
    uri,
    // A member that stands by has read and checked its certificates.
    warmUp: async () => void (await plan.secure()),
    consumer: entry => {
      if (settings.clientMode) return new ClientConsumer(entry, plan)
      checkServer(settings, uri)
      return new ServerConsumer(entry, plan)
    },
    producer: () => new TcpProducer(plan),
  }
}

/** A bean can be anything. */
function checkBean(option: string, value: unknown, is: (value: unknown) => boolean, must: string, uri: string): void {
  if (value === undefined || is(value)) return
  throw new DromedaryError(
    'DROMEDARY_INVALID_OPTION',
    `tcp option ${option} must name a bean that is ${must}, in ${uri}`,
  )
}

function checkServer({ ssl, sslCert, needClientAuth, sslCa }: TcpSettings, uri: string): void {
  const missing =
    ssl && sslCert === undefined ? 'sslCert and sslKey' : needClientAuth && sslCa === undefined ? 'sslCa' : ''
  if (missing === '') return
  const what = missing === 'sslCa' ? 'who may sign the certificates of clients' : 'what a server shows to its clients'
  throw new DromedaryError('DROMEDARY_INVALID_OPTION', `tcp option ${missing} is missing in ${uri}: it says ${what}`)
}
