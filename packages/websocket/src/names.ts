/** Headers that this component sets or reads. Those of Camel's vertx-websocket where it has them. */
export const HEADERS = {
  /** Which peer a message came from; and to which peers one is sent, separated by commas. */
  connectionKey: 'CamelVertxWebsocket.connectionKey',
  /** Send to all peers of this address, whatever the option says. */
  sendToAll: 'CamelVertxWebsocket.sendToAll',
  /** `192.0.2.7:51234`: a text, where Camel has a `SocketAddress`. */
  remoteAddress: 'CamelVertxWebsocket.remoteAddress',
  /** `OPEN`, `MESSAGE`, `CLOSE` or `ERROR`, with `fireWebSocketConnectionEvents`. */
  event: 'CamelVertxWebsocket.event',
  /** The sub-protocol of the connection, where one was agreed on. */
  subProtocol: 'DromedaryWebsocketSubProtocol',
  /** Of a `CLOSE` event: the code of RFC 6455, 1006 when the connection broke. */
  closeCode: 'DromedaryWebsocketCloseCode',
  /** Of a `CLOSE` event: what the peer gave as its reason. */
  closeReason: 'DromedaryWebsocketCloseReason',
} as const

/** Close codes of RFC 6455, section 7.4.1. */
export const CLOSE_CODES = { goingAway: 1001, broken: 1006 } as const

/** Headers that steer a route or an endpoint: nothing from outside may set them. */
export function isControlHeader(name: string): boolean {
  return /^(?:camel|dromedary|org\.apache\.camel)/i.test(name)
}
