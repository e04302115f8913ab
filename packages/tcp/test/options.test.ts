import { Socket } from 'node:net'
import { eventually, fakeRoute } from '@dromedary/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { netty, tcp } from '../src/index.ts'
import { REFUSED } from '../src/options/refused.ts'
import { tcpSchema } from '../src/options/schema.ts'
import { dial } from './support/peer.ts'
import { consume, endpointOf, lines, refusal } from './support/route.ts'

/** Options of Camel's netty component, on the endpoint and on the component. */
const OF_CAMEL =
  'disconnect keepAlive reuseAddress reuseChannel sync tcpNoDelay networkInterface clientMode reconnect reconnectInterval backlog bossCount bossGroup bridgeErrorHandler broadcast disconnectOnNoReply exceptionHandler exchangePattern nettyServerBootstrapFactory noReplyLogLevel serverClosedChannelExceptionCaughtLogLevel serverExceptionCaughtLogLevel serverInitializerFactory usingExecutorService connectTimeout requestTimeout clientInitializerFactory correlationManager lazyChannelCreation lazyStartProducer producerPoolBlockWhenExhausted producerPoolEnabled producerPoolMaxIdle producerPoolMaxTotal producerPoolMaxWait producerPoolMinEvictableIdle producerPoolMinIdle udpConnectionlessSending useByteBuf allowSerializedHeaders channelGroup nativeTransport options receiveBufferSize receiveBufferSizePredictor sendBufferSize shutdownTimeout synchronous transferExchange udpByteArrayCodec unixDomainSocketPath workerCount workerGroup allowDefaultCodec autoAppendDelimiter decoderMaxLineLength decoders delimiter encoders encoding textline enabledProtocols hostnameVerification keyStoreFormat keyStoreResource needClientAuth passphrase securityProvider ssl sslClientCertHeaders sslContextParameters sslHandler trustStoreResource configuration executorService maximumPoolSize autowiredEnabled useGlobalSslContextParameters'.split(
    ' ',
  )

/** Where they differ from Camel's on purpose. */
const DEFAULTS_OF_CAMEL = {
  disconnect: false,
  keepAlive: true,
  sync: true,
  tcpNoDelay: true,
  clientMode: false,
  reconnect: true,
  disconnectOnNoReply: true,
  noReplyLogLevel: 'WARN',
  serverClosedChannelExceptionCaughtLogLevel: 'DEBUG',
  serverExceptionCaughtLogLevel: 'WARN',
  connectTimeout: 10_000,
  lazyChannelCreation: true,
  producerPoolBlockWhenExhausted: true,
  producerPoolEnabled: true,
  producerPoolMaxIdle: 100,
  producerPoolMaxTotal: -1,
  producerPoolMaxWait: -1,
  producerPoolMinEvictableIdle: 300_000,
  shutdownTimeout: 100,
  allowDefaultCodec: true,
  autoAppendDelimiter: true,
  delimiter: 'LINE',
  enabledProtocols: ['TLSv1.2', 'TLSv1.3'],
  needClientAuth: false,
  ssl: false,
  sslClientCertHeaders: false,
}

describe('each option of Camel', () => {
  const { shape } = tcpSchema()

  it('exists, or is refused with a reason; never both', () => {
    const own = new Set(Object.keys(shape))
    expect(OF_CAMEL.filter(name => !own.has(name) && REFUSED[name] === undefined)).toEqual([])
    expect(Object.keys(REFUSED).filter(name => own.has(name))).toEqual([])
    expect(Object.keys(REFUSED).filter(name => !OF_CAMEL.includes(name))).toEqual([])
  })

  it('has its default, where there is no better one', () => {
    expect(tcpSchema().parse({ textline: true })).toMatchObject(DEFAULTS_OF_CAMEL)
  })

  it.each(Object.entries(REFUSED))('%s is refused by name', (name, reason) => {
    for (const uri of ['tcp:127.0.0.1:1', 'netty:tcp://127.0.0.1:1']) {
      const message = refusal(`${uri}?textline=true&${name}=1`)
      expect(message).toContain(`does not take Camel's option ${name}: ${reason}`)
    }
  })
})

describe('what is written wrongly is said in one line', () => {
  it.each([
    ['', /must be told where a message ends: textline=true for lines/],
    ['?allowDefaultCodec=true', /must be told where a message ends/],
    ['?textline=true&fixedLength=5', /takes one kind of framing, not textline and fixedLength/],
    ['?textline=true&lengthFieldLength=4&codec=%23bean:codec', /not textline and codec and lengthFieldLength/],
    ['?lengthFieldLength=3', /lengthFieldLength must be 1, 2, 4 or 8, not "3"/],
    ['?fixedLength=0', /fixedLength must be at least 1/],
    ['?textline=true&delimiter=', /delimiter must not be empty/],
    ['?textline=true&encoding=UTF-16', /encoding must be UTF-8, ISO-8859-1 or US-ASCII/],
    ['?textline=true&encoding=toString', /encoding must be UTF-8/],
    ['?textline=true&maxInFlight=0', /maxInFlight must be at least 1/],
    ['?textline=true&connectMessage=hello', /onConnect and connectMessage need clientMode=true/],
    ['?textline=true&clientMode=true&connectMessage=a&onConnect=%23bean:hello', /say the same: give one of them/],
    ['?textline=true&clientMode=true&onConnect=hello', /onConnect must be a function, or name a bean: #bean:name/],
    ['?textline=true&clientMode=true&onConnect=%23bean:text', /onConnect must name a bean that is a function/],
    ['?codec=%23bean:text', /codec must name a bean that is a codec: an object with decoder\(\) and encode\(body\)/],
    ['?codec=%23bean:nobody', /names the bean nobody/],
    ['?textline=true&sslCa=x', /need ssl=true/],
    ['?textline=true&needClientAuth=true', /need ssl=true/],
    ['?textline=true&ssl=true&sslCert=x', /sslCert and sslKey belong together/],
    ['?textline=true&enabledProtocols=TLSv1.1', /must be TLSv1\.2, TLSv1\.3 or both/],
    ['?textline=true&reconnectInterval=1m', /reconnectInterval must not be above reconnectMaxInterval/],
    ['?textline=true&textlines=true', /tcp has no option textlines .*did you mean textline\?/],
  ])('%s', (query, message) => {
    const beans = { text: 'text', hello: () => {}, codec: { decoder: () => {}, encode: () => {} } }
    expect(refusal(`tcp:127.0.0.1:1${query}`, beans)).toMatch(message)
  })

  it.each([
    'tcp:127.0.0.1?textline=true',
    'tcp:host:port?textline=true',
    'tcp:host:65536?textline=true',
    'tcp:fe80::1:80?textline=true',
    'tcp:[]:80?textline=true',
    'tcp:user@host:80?textline=true',
    'netty:tcp://host:x?textline=true',
  ])('the address %s', uri => {
    expect(refusal(uri)).toMatch(/has no host and port: write tcp:host:port/)
  })

  it('netty:udp', () => {
    expect(refusal('netty:udp://127.0.0.1:1?textline=true')).toBe(
      'netty://udp://127.0.0.1:1?textline=true asks for udp: there is TCP only, write netty:tcp://host:port',
    )
  })

  it('a default of the component that is none', () => {
    expect(() => tcp({ random: 5 as never })).toThrow(/the default of tcp option random must be a function/)
    expect(() => tcp({ onConnect: 5 as never })).toThrow(/must be a function, or name a bean/)
  })
})

it('passwords and keys are in no endpoint, and so in no log', () => {
  const key = '-----BEGIN PRIVATE KEY-----\nMIIBVQIBADANBgkqhkiG9w0\n-----END PRIVATE KEY-----'
  const query = `textline=true&ssl=true&sslCert=x&sslKey=${encodeURIComponent(key)}&passphrase=geheim`
  const { uri } = endpointOf(`tcp:127.0.0.1:1?${query}`)
  expect(uri).not.toContain('geheim')
  expect(uri).not.toContain('MIIBVQ')
})

it('the object form makes the same endpoint as the URI', () => {
  expect(tcp('127.0.0.1', '5000', { textline: true, sync: false }).uri).toBe(
    'tcp:127.0.0.1:5000?textline=true&sync=false',
  )
  expect(netty('tcp', '127.0.0.1', '5000', { textline: true }).uri).toBe('netty:tcp://127.0.0.1:5000?textline=true')
  expect(endpointOf(tcp('[::1]', '5000', { textline: true, delimiter: '\u0003' }).uri).uri).toBe(
    'tcp://[::1]:5000?delimiter=%03&textline=true',
  )
})

it('functions and codecs may be given as defaults of the component', () => {
  const component = tcp({ onConnect: () => 'hello\n', codec: { decoder: () => ({}) as never, encode: () => '' } })
  expect(() => fakeRoute().endpoint(component, 'tcp:h:1?clientMode=true')).not.toThrow()
})

describe('options of the socket', () => {
  afterEach(() => void vi.restoreAllMocks())

  /** Calls of that method of real sockets, on both sides of a connection. */
  async function calls(method: 'setNoDelay' | 'setKeepAlive', query: string) {
    const spy = vi.spyOn(Socket.prototype, method)
    const { route, port } = await lines(query)
    await consume(`tcp:127.0.0.1:${port}?textline=true&sync=false&clientMode=true${query}`)
    await eventually(() => route.logs.some(line => line.message.includes('connected')))
    const count = spy.mock.calls
    vi.restoreAllMocks()
    return count
  }

  it('tcpNoDelay: small pieces go at once, unless asked otherwise', async () => {
    expect(await calls('setNoDelay', '')).toEqual([[true], [true]])
    expect(await calls('setNoDelay', '&tcpNoDelay=false')).toEqual([])
  })

  it('keepAlive: the operating system probes after a minute, unless asked otherwise', async () => {
    expect(await calls('setKeepAlive', '')).toEqual([
      [true, 60_000],
      [true, 60_000],
    ])
    expect(await calls('setKeepAlive', '&keepAlive=false')).toEqual([])
  })
})

it('sync: replies unless asked otherwise', async () => {
  const { port } = await consume('tcp:127.0.0.1:0?textline=true')
  const peer = await dial(port)
  peer.write('x\n')
  await peer.gets('x\n')
  const other = await lines()
  const silent = await dial(other.port)
  silent.write('x\n')
  await eventually(() => other.route.bodies.length === 1)
  expect(silent.text).toBe('')
})

it('a port alone is one of this machine', async () => {
  const { route } = await consume('tcp:0?textline=true')
  expect(route.logs[0]?.message).toMatch(/listens on 127\.0\.0\.1:\d+$/)
})

/** Each is looked at by a test of the file behind it; a new one has to be entered here. */
const TESTED: Readonly<Record<string, string>> = {
  textline: 'lines',
  delimiter: 'lines, request-reply',
  autoAppendDelimiter: 'request-reply',
  decoderMaxLineLength: 'lines',
  encoding: 'lines, request-reply',
  lengthFieldLength: 'binary-frames',
  byteOrder: 'binary-frames',
  fixedLength: 'binary-frames',
  maxFrameLength: 'binary-frames',
  codec: 'binary-frames',
  allowDefaultCodec: 'binary-frames',
  sync: 'options',
  disconnect: 'request-reply, producer',
  keepAlive: 'options',
  tcpNoDelay: 'options',
  unixDomainSocketPath: 'unix-socket',
  connectTimeout: 'client, tls',
  shutdownTimeout: 'stopping',
  noReplyLogLevel: 'request-reply',
  maxInFlight: 'in-flight',
  readerIdleTimeout: 'server-limits',
  frameTimeout: 'server-limits',
  disconnectOnNoReply: 'request-reply',
  sslClientCertHeaders: 'tls',
  maxConnections: 'server-limits',
  backlog: 'server-limits',
  needClientAuth: 'tls',
  serverExceptionCaughtLogLevel: 'server-limits',
  serverClosedChannelExceptionCaughtLogLevel: 'server-limits',
  clientMode: 'client',
  reconnect: 'client',
  reconnectInterval: 'client',
  reconnectBackOffMultiplier: 'client',
  reconnectMaxInterval: 'client',
  reconnectJitter: 'client',
  random: 'client',
  onConnect: 'resume-request',
  connectMessage: 'resume-request',
  requestTimeout: 'producer',
  lazyChannelCreation: 'producer',
  producerPoolEnabled: 'producer',
  producerPoolMaxTotal: 'producer',
  producerPoolMaxIdle: 'producer',
  producerPoolMinEvictableIdle: 'producer',
  producerPoolBlockWhenExhausted: 'producer',
  producerPoolMaxWait: 'producer',
  ssl: 'tls',
  sslCert: 'tls',
  sslKey: 'tls',
  passphrase: 'tls',
  sslCa: 'tls',
  hostnameVerification: 'tls',
  enabledProtocols: 'tls',
}

it('each option has a test that it changes something', () => {
  expect(Object.keys(TESTED).sort()).toEqual(Object.keys(tcpSchema().shape).sort())
})
