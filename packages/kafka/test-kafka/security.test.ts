import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type KafkaServer, startKafka } from '@dromedary/test-servers/kafka'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { reading, sending, within } from './support/real.ts'

const folder = mkdtempSync(join(tmpdir(), 'dromedary-kafka-'))
const file = (name: string, ...content: string[]) => {
  const path = join(folder, name)
  writeFileSync(path, content.join('\n'))
  return path
}
let broker: KafkaServer
let tls = ''

beforeAll(async () => {
  broker = await startKafka({ tls: 'client certificate', sasl: { username: 'ada', password: 'p&w=d/é' } })
  const { ca, client } = broker.tls
  const trust = file('trust.pem', ca)
  const own = file('own.pem', client?.cert ?? '', client?.key ?? '')
  tls = `sslTruststoreLocation=${trust}&sslKeystoreLocation=${own}`
})
afterAll(async () => {
  await broker?.[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

const PASSWORD = encodeURIComponent('p&w=d/é')

async function roundTrip(brokers: string, query: string): Promise<void> {
  const topic = await broker.topic()
  const { send } = await sending(brokers, `kafka:${topic}?${query}`)
  await send('hello')
  const { route } = await reading(brokers, `kafka:${topic}?groupId=${topic}&autoOffsetReset=earliest&${query}`)
  await within(20, () => expect(route.bodies).toEqual(['hello']))
}

describe('SASL', () => {
  it.each(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'])('%s, with TLS and without', async mechanism => {
    const sasl = `saslMechanism=${mechanism}&saslUsername=ada&saslPassword=${PASSWORD}`
    await roundTrip(broker.saslBrokers, `securityProtocol=SASL_PLAINTEXT&${sasl}`)
    await roundTrip(broker.saslTlsBrokers, `securityProtocol=SASL_SSL&${sasl}&${tls}`)
  })

  it('in its short form goes over TLS', async () => {
    await roundTrip(
      broker.saslTlsBrokers,
      `saslAuthType=SCRAM_SHA_512&saslUsername=ada&saslPassword=${PASSWORD}&${tls}`,
    )
  })

  it('with a wrong password fails the exchange at once, and says the password nowhere', async () => {
    const topic = await broker.topic()
    const query = 'securityProtocol=SASL_PLAINTEXT&saslMechanism=PLAIN&saslUsername=ada&saslPassword=sesame'
    const { send, route } = await sending(broker.saslBrokers, `kafka:${topic}?${query}`)
    const error = await send('hello').catch(one => one)
    expect(error.code).toBe('DROMEDARY_KAFKA_SEND')
    expect(error.message).toMatch(/authentication|SASL/i)
    expect(JSON.stringify([error.message, route.logs])).not.toContain('sesame')
  })
})

describe('TLS', () => {
  it('with a certificate of our own', async () => {
    await roundTrip(broker.tlsBrokers, `securityProtocol=SSL&${tls}`)
  })

  it('with options of Node.js, as a bean', async () => {
    const topic = await broker.topic()
    const { ca, client } = broker.tls
    const beans = { ours: { ca, cert: client?.cert, key: client?.key } }
    const uri = `kafka:${topic}?groupId=g&autoOffsetReset=earliest&securityProtocol=SSL&sslContextParameters=%23bean:ours`
    const { send } = await sending(broker.brokers, `kafka:${topic}`)
    await send('hello')
    const { route } = await reading(broker.tlsBrokers, uri, { beans })
    await within(20, () => expect(route.bodies).toEqual(['hello']))
  })

  it('trusts nobody whom it was not told to, and not a certificate for another host', async () => {
    const topic = await broker.topic()
    const untrusting = await sending(broker.tlsBrokers, `kafka:${topic}?securityProtocol=SSL&deliveryTimeoutMs=1s`)
    await expect(untrusting.send('x')).rejects.toThrow(/certificate/i)
    const otherName = broker.tlsBrokers.replace('127.0.0.1', 'localhost')
    const strict = await sending(otherName, `kafka:${topic}?securityProtocol=SSL&${tls}&deliveryTimeoutMs=1s`)
    await expect(strict.send('x')).rejects.toThrow(/localhost/)
    const loose = await sending(otherName, `kafka:${topic}?securityProtocol=SSL&${tls}&sslEndpointAlgorithm=none`)
    await loose.send('x')
  })

  it('names a file that cannot be read when it starts', async () => {
    const query = 'groupId=g&securityProtocol=SSL&sslTruststoreLocation=/no/such/file'
    await expect(reading(broker.tlsBrokers, `kafka:x?${query}`)).rejects.toMatchObject({ code: 'DROMEDARY_CONFIG' })
  })
})

describe('OAUTHBEARER', () => {
  it('asks the token endpoint once, and shows the token to the broker', async () => {
    await using oauth = await startKafka({
      sasl: { username: 'ada', password: 'x' },
      properties: {
        'sasl.enabled.mechanisms': 'OAUTHBEARER',
        'listener.name.sasl_plaintext.oauthbearer.sasl.jaas.config':
          'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";',
      },
    })
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const now = Math.floor(Date.now() / 1_000)
    const token = `${part({ alg: 'none' })}.${part({ sub: 'ada', iat: now, exp: now + 600 })}.`
    const asked: string[] = []
    const endpoint = createServer((request, response) => {
      let body = ''
      request.on('data', chunk => {
        body += chunk
      })
      request.on('end', () => {
        asked.push(`${request.headers.authorization} ${body}`)
        response.setHeader('content-type', 'application/json')
        response.end(JSON.stringify({ access_token: token, expires_in: 600 }))
      })
    })
    await new Promise<void>(resolve => endpoint.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void endpoint.close())
    const { port } = endpoint.address() as AddressInfo
    const query = `securityProtocol=SASL_PLAINTEXT&saslMechanism=OAUTHBEARER&oauthClientId=me&oauthClientSecret=s%26cret&oauthScope=kafka&oauthTokenEndpointUri=http://127.0.0.1:${port}/token`
    const topic = await oauth.topic()
    const { send } = await sending(oauth.saslBrokers, `kafka:${topic}?${query}`)
    await send('hello')
    expect(await oauth.read(topic, { count: 1 })).toEqual(['hello'])
    const basic = Buffer.from('me:s%26cret').toString('base64')
    expect(asked).toEqual([`Basic ${basic} grant_type=client_credentials&scope=kafka`])
  })
})
