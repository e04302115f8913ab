const POOL = 'connections are opened when they are needed, and kept; see producerPoolMaxIdle'
const JVM = 'it takes an object of the JVM'
const NETTY = 'it takes an object of Netty'
const STORE = 'it is a key store of Java: export PEM from it and use sslCert, sslKey and sslCa'
const THREADS = 'there is one event loop and no pool of threads'
const UDP = 'it is for UDP, which does not exist here'
const SYSTEM = 'Node cannot set it: the operating system sizes the buffers of a socket'
const SERIALIZED = 'serialised Java objects do not exist here'

/** Options of Camel's netty component that do not exist here, each with the reason. */
export const REFUSED: Readonly<Record<string, string>> = {
  reuseAddress: 'it is always on',
  reuseChannel: 'a route does not own a connection; producerPoolEnabled=false keeps everything on one',
  networkInterface: `${UDP}; the host of the URI says where a server listens`,
  bossCount: THREADS,
  bossGroup: NETTY,
  bridgeErrorHandler: 'a failure before there is an exchange is logged',
  broadcast: UDP,
  exceptionHandler: 'a failure before there is an exchange is logged',
  exchangePattern: 'sync=true is InOut, sync=false is InOnly',
  nettyServerBootstrapFactory: NETTY,
  serverInitializerFactory: NETTY,
  clientInitializerFactory: NETTY,
  usingExecutorService: THREADS,
  maximumPoolSize: THREADS,
  executorService: JVM,
  correlationManager: `${NETTY}; without a pool replies are taken in the order of the requests`,
  lazyStartProducer: 'lazyChannelCreation=true, the default, connects with the first message',
  producerPoolMinIdle: POOL,
  udpConnectionlessSending: UDP,
  udpByteArrayCodec: UDP,
  useByteBuf: `${NETTY}; bodies are texts or Buffers`,
  allowSerializedHeaders: SERIALIZED,
  transferExchange: SERIALIZED,
  channelGroup: NETTY,
  nativeTransport: 'the transport is always that of the operating system',
  options: 'they are options of Netty; keepAlive, tcpNoDelay and backlog are options of their own',
  receiveBufferSize: SYSTEM,
  receiveBufferSizePredictor: SYSTEM,
  sendBufferSize: SYSTEM,
  synchronous: 'whether a route goes on asynchronously is up to its steps',
  workerCount: THREADS,
  workerGroup: NETTY,
  decoders: 'they are handlers of Netty; use codec',
  encoders: 'they are handlers of Netty; use codec',
  keyStoreFormat: STORE,
  keyStoreResource: STORE,
  trustStoreResource: STORE,
  securityProvider: JVM,
  sslContextParameters: `${JVM}; use sslCert, sslKey and sslCa`,
  sslHandler: NETTY,
  useGlobalSslContextParameters: `${JVM}; use sslCert, sslKey and sslCa`,
  configuration: `${JVM}; give the component other defaults by calling it: tcp({ … })`,
  autowiredEnabled: 'nothing is looked up by its type',
}
