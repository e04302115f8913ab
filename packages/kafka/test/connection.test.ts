import { type DromedaryError, isDromedaryError } from '@dromedary/core/component'
import { FakeClock, fakeRoute } from '@dromedary/testing'
import { describe, expect, it } from 'vitest'
import type { ConnectionSettings } from '../src/client/connection.ts'
import { kafkaComponent } from '../src/kafka.ts'
import type { KafkaOptions } from '../src/options/schema.ts'
import { MemoryKafka } from './support/memory-kafka.ts'

interface Given {
  readonly defaults?: Partial<KafkaOptions>
  readonly properties?: Record<string, string>
  readonly beans?: Record<string, unknown>
}

/** What the client of an endpoint is opened with. */
async function opened(query: string, given: Given = {}): Promise<ConnectionSettings> {
  const memory = new MemoryKafka(new FakeClock()).topic('orders')
  const route = fakeRoute({ clock: memory.clock, properties: given.properties ?? {}, beans: given.beans ?? {} })
  const endpoint = route.endpoint(kafkaComponent(memory.open)(given.defaults ?? {}), `kafka:orders${query}`)
  await endpoint.warmUp?.(new AbortController().signal)
  const [settings] = memory.opened
  if (!settings) throw new Error('nothing was opened')
  return settings
}

async function refusal(query: string, given: Given = {}): Promise<DromedaryError> {
  const error = await opened(query, given).catch(one => one)
  if (!isDromedaryError(error)) expect.fail(`it was not refused: ${error}`)
  return error
}

describe('where the brokers are', () => {
  it('says the endpoint, else kafka({ … }), else the property, else it is this host', async () => {
    const properties = { 'kafka.brokers': 'property:1' }
    const defaults = { brokers: 'component:1' }
    expect((await opened('?brokers=one:1,[::1]:2', { defaults, properties })).brokers).toEqual(['one:1', '[::1]:2'])
    expect((await opened('', { defaults, properties })).brokers).toEqual(['component:1'])
    expect((await opened('', { properties })).brokers).toEqual(['property:1'])
    expect((await opened('')).brokers).toEqual(['localhost:9092'])
  })

  it('has to be host:port', async () => {
    for (const brokers of ['kafka', 'kafka:', 'kafka:0', 'kafka:99999', 'http://kafka:1', 'a@kafka:1', ',']) {
      expect((await refusal(`?brokers=${encodeURIComponent(brokers)}`)).message, brokers).toMatch(/brokers/)
    }
  })
})

describe('the options of the connection', () => {
  const cases: [string, string, (settings: ConnectionSettings) => unknown, unknown, unknown][] = [
    ['clientId', 'me', one => one.clientId, 'dromedary', 'me'],
    ['metadataMaxAgeMs', '7', one => one.metadataMaxAgeMs, 300_000, 7],
    ['requestTimeoutMs', '7', one => one.requestTimeoutMs, 30_000, 7],
    ['retryBackoffMs', '7', one => one.retryBackoffMs, 100, 7],
    ['retryBackoffMaxMs', '777', one => one.retryBackoffMaxMs, 1_000, 777],
    ['securityProtocol', 'SSL', one => one.tls !== undefined, false, true],
  ]
  it.each(cases)('%s has a default, can be set, and can be a property', async (name, value, read, byDefault, set) => {
    expect(read(await opened(''))).toBe(byDefault)
    expect(read(await opened(`?${name}=${value}`))).toBe(set)
    expect(read(await opened('', { properties: { [`kafka.${name}`]: value } }))).toBe(set)
  })

  it('of TLS go along', async () => {
    const files =
      'sslTruststoreLocation=t&sslKeystoreLocation=k&sslKeystoreType=PKCS12&sslKeystorePassword=p&sslKeyPassword=q'
    const { tls } = await opened(`?securityProtocol=SSL&${files}&sslCipherSuites=c&sslEndpointAlgorithm=none`)
    expect(tls).toEqual({
      truststoreLocation: 't',
      keystoreLocation: 'k',
      keystoreType: 'PKCS12',
      keystorePassword: 'p',
      keyPassword: 'q',
      cipherSuites: 'c',
      verifyHostname: false,
      context: undefined,
    })
    expect((await opened('?securityProtocol=SSL')).tls).toMatchObject({ keystoreType: 'PEM', verifyHostname: true })
    const beans = { ours: { minVersion: 'TLSv1.3' } }
    const query = '?securityProtocol=SSL&sslContextParameters=%23bean:ours'
    expect((await opened(query, { beans })).tls?.context).toBe(beans.ours)
    const properties = { 'kafka.sslContextParameters': '#bean:ours', 'kafka.securityProtocol': 'SSL' }
    expect((await opened('', { beans, properties })).tls?.context).toBe(beans.ours)
  })

  it('that a property gets wrong are named', async () => {
    const error = await refusal('', { properties: { 'kafka.requestTimeoutMs': 'soon' } })
    expect(error.code).toBe('DROMEDARY_CONFIG')
    expect(error.message).toMatch(/kafka\.requestTimeoutMs/)
    expect((await refusal('?clientId=a%20b')).message).toContain('clientId')
  })
})

describe('SASL', () => {
  const ADA = 'saslUsername=ada&saslPassword=secret'

  it('is a mechanism with a name and a password', async () => {
    for (const mechanism of ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']) {
      const { sasl, tls } = await opened(`?securityProtocol=SASL_PLAINTEXT&saslMechanism=${mechanism}&${ADA}`)
      expect(sasl).toEqual({ mechanism, username: 'ada', password: 'secret' })
      expect(tls).toBeUndefined()
    }
  })

  it('has short forms, which go over TLS', async () => {
    for (const [type, mechanism] of [
      ['PLAIN', 'PLAIN'],
      ['SCRAM_SHA_256', 'SCRAM-SHA-256'],
      ['SCRAM_SHA_512', 'SCRAM-SHA-512'],
    ]) {
      const { sasl, tls } = await opened(`?saslAuthType=${type}&${ADA}`)
      expect(sasl?.mechanism).toBe(mechanism)
      expect(tls).toBeDefined()
    }
    expect(await opened('?saslAuthType=SSL')).toMatchObject({ sasl: undefined, tls: { keystoreType: 'PEM' } })
    expect(await opened('?saslAuthType=NONE')).toMatchObject({ sasl: undefined, tls: undefined })
  })

  it('OAUTHBEARER asks for tokens, over https or on this host only', async () => {
    const client = 'oauthClientId=me&oauthClientSecret=s&oauthScope=kafka'
    const { sasl } = await opened(`?saslAuthType=OAUTH&oauthTokenEndpointUri=https://login/token&${client}`)
    expect(sasl).toEqual({
      mechanism: 'OAUTHBEARER',
      oauth: { tokenEndpoint: 'https://login/token', clientId: 'me', clientSecret: 's', scope: 'kafka' },
    })
    await opened(`?saslAuthType=OAUTH&oauthTokenEndpointUri=http://127.0.0.1/token&${client}`)
    for (const endpoint of ['http://login/token', 'ftp://login', 'login']) {
      const { message } = await refusal(`?saslAuthType=OAUTH&oauthTokenEndpointUri=${endpoint}&${client}`)
      expect(message, endpoint).toContain('oauthTokenEndpointUri')
    }
  })

  it('that is not complete is refused, with what is missing', async () => {
    expect((await refusal('?securityProtocol=SASL_SSL')).message).toContain('saslMechanism')
    expect((await refusal('?securityProtocol=SASL_SSL&saslMechanism=PLAIN')).message).toContain('saslPassword')
    expect((await refusal('?saslAuthType=OAUTH')).message).toContain('oauthTokenEndpointUri')
    expect((await refusal(`?saslMechanism=PLAIN&${ADA}`)).message).toContain('securityProtocol')
  })

  it('shows no secret in a message or an endpoint', async () => {
    const { message } = await refusal(
      '?saslMechanism=PLAIN&saslUsername=ada&saslPassword=sesame&oauthClientSecret=sesame',
    )
    expect(message).not.toContain('sesame')
    const route = fakeRoute()
    const memory = new MemoryKafka(new FakeClock())
    const { uri } = route.endpoint(
      kafkaComponent(memory.open),
      'kafka:o?sslKeyPassword=sesame&sslKeystorePassword=sesame',
    )
    expect(uri).not.toContain('sesame')
  })
})
