/** Options of Camel's vertx-websocket that do not exist here, each with the reason. */
export const REFUSED: Readonly<Record<string, string>> = {
  router: 'it takes a Vert.x router; several paths of one port share a server without one',
  serverOptions: 'it takes an object of Vert.x; the options of this component say it one by one',
  clientOptions: 'it takes an object of Vert.x; the options of this component say it one by one',
  vertx: 'it takes an object of Vert.x',
  vertxOptions: 'it takes an object of Vert.x',
  headerFilterStrategy:
    'headers of a handshake are taken only when acceptHeaders or acceptParameters names them, and control headers never',
  handshakeHeaders: 'write handshake.Name=value',
  bridgeErrorHandler: 'what fails before there is an exchange is logged, and the connection is made again',
  exceptionHandler: 'what fails before there is an exchange is logged, and the connection is made again',
  lazyStartProducer: 'a producer always connects with the first message, never before',
  autowiredEnabled: 'nothing is looked up by type',
  useGlobalSslContextParameters: 'name the bean: sslContextParameters=#bean:name',
  defaultHost: 'write the host into the URI; without one it is loopback',
  defaultPort: 'write the port into the URI',
}
