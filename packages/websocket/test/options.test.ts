import { isDromedaryError } from '@dromedary/core'
import { fakeRoute } from '@dromedary/testing'
import { describe, expect, it } from 'vitest'
import { vertxWebsocket, ws, wss } from '../src/index.ts'

/** Options of Camel's vertx-websocket, and of its component, with the defaults that matter here. */
const CAMELS = {
  allowOriginHeader: 'true',
  allowedOriginPattern: undefined,
  autowiredEnabled: 'true',
  bridgeErrorHandler: 'false',
  clientOptions: undefined,
  clientSubProtocols: undefined,
  consumeAsClient: 'false',
  defaultHost: '0.0.0.0',
  defaultPort: '0',
  exceptionHandler: undefined,
  exchangePattern: undefined,
  fireWebSocketConnectionEvents: 'false',
  handshakeHeaders: undefined,
  headerFilterStrategy: undefined,
  lazyStartProducer: 'false',
  maxReconnectAttempts: undefined,
  originHeaderUrl: undefined,
  reconnectInitialDelay: undefined,
  reconnectInterval: '1000',
  router: undefined,
  sendToAll: 'false',
  serverOptions: undefined,
  sslContextParameters: undefined,
  useGlobalSslContextParameters: 'false',
  vertx: undefined,
  vertxOptions: undefined,
}

const components = [ws, wss, vertxWebsocket]
const own = new Map(ws.meta.options.map(option => [option.name, option]))

describe('the options', () => {
  it('are the same for all three schemes', () => {
    for (const { meta } of components) expect(meta.options).toEqual(ws.meta.options)
    expect(components.map(({ scheme }) => scheme)).toEqual(['ws', 'wss', 'vertx-websocket'])
  })

  it.each(Object.entries(CAMELS))('%s of Camel is there with its default, or refused with a reason', (name, value) => {
    const option = own.get(name)
    if (option === undefined) {
      const thrown = thrownBy(() => fakeRoute().endpoint(vertxWebsocket, `vertx-websocket:h:1/p?${name}=x`))
      expect(isDromedaryError(thrown, 'DROMEDARY_UNKNOWN_OPTION')).toBe(true)
      expect(String(thrown)).toMatch(new RegExp(`does not take Camel's option ${name}: \\w.*`))
    } else if (value !== undefined && name !== 'reconnectInterval') expect(option.default).toBe(value)
  })

  it.each([
    ['reconnectInitialDelay=20s', /reconnectMaxDelay must not be shorter/],
    ['maxInFlight=0', /maxInFlight must be at least 1/],
    ['maxPayload=0', /maxPayload must be at least 1/],
    ['reconnectJitter=2', /reconnectJitter must be at most 1/],
    ['reconnectBackOffMultiplier=0.5', /reconnectBackOffMultiplier must be at least 1/],
    ['handshake.=x', /no option/],
  ])('%s is refused', (query, message) => {
    expect(() => fakeRoute().endpoint(ws, `ws:h:1/p?${query}`)).toThrow(message)
  })

  it('do not show secrets in the name of an endpoint', () => {
    const { uri } = fakeRoute().endpoint(
      ws,
      'ws:h:1/p?handshake.Authorization=abc&query.access_token=def&passphrase=ghi',
    )
    expect(uri).not.toMatch(/abc|def|ghi/)
  })
})

function thrownBy(call: () => unknown): unknown {
  try {
    call()
  } catch (error) {
    return error
  }
  return undefined
}
