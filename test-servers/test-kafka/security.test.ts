import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { type KafkaServer, startKafka } from '@dromedary/test-servers/kafka'
import { sharedKafka } from '@dromedary/test-servers/kafka/vitest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { propertiesText } from '../src/kafka/properties.ts'
import { kafkaTool } from '../src/kafka/tool.ts'

const sasl = { username: 'alice', password: 'a"secret\\' }

describe.skipIf(!sharedKafka().owned)('a secured broker', () => {
  let server: KafkaServer
  let folder: string
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dromedary-kafka-client-'))
    server = await startKafka({ tls: 'client certificate', sasl })
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  })

  /** Lists topics as a client with certain settings. */
  const topics = (brokers: string, settings: Record<string, string>) => {
    const file = join(folder, 'client.properties')
    writeFileSync(file, propertiesText({ 'default.api.timeout.ms': 10_000, 'request.timeout.ms': 5_000, ...settings }))
    return kafkaTool('kafka-topics', ['--bootstrap-server', brokers, '--list', '--command-config', file], { folder })
  }
  const login = (mechanism: string, password = sasl.password) => {
    const kind = mechanism === 'PLAIN' ? 'plain.Plain' : 'scram.Scram'
    const quoted = password.replaceAll(/["\\]/g, '\\$&')
    return {
      'security.protocol': 'SASL_PLAINTEXT',
      'sasl.mechanism': mechanism,
      'sasl.jaas.config': `org.apache.kafka.common.security.${kind}LoginModule required username="alice" password="${quoted}";`,
    }
  }
  const trust = () => ({
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.certificates': server.tls.ca,
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.certificate.chain': server.tls.client?.cert ?? '',
    'ssl.keystore.key': server.tls.client?.key ?? '',
  })

  it.each(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'])('knows who logs in by %s', async mechanism => {
    await server.createTopic({ name: `for-${mechanism}` })
    expect(await topics(server.saslBrokers, login(mechanism))).toContain(`for-${mechanism}`)
    await expect(topics(server.saslBrokers, login(mechanism, 'wrong'))).rejects.toThrow(/[Aa]uthentication failed/)
  })

  it('speaks TLS with those who show the certificate, also with SASL', async () => {
    await server.createTopic({ name: 'secret' })
    expect(await topics(server.tlsBrokers, { 'security.protocol': 'SSL', ...trust() })).toContain('secret')
    const both = { ...login('PLAIN'), ...trust(), 'security.protocol': 'SASL_SSL' }
    expect(await topics(server.saslTlsBrokers, both)).toContain('secret')
  })

  it('turns away who shows no certificate', async () => {
    const port = Number(server.tlsBrokers.split(':')[1])
    const refused = await new Promise<Error>((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, ca: server.tls.ca })
      socket.on('error', resolve).on('end', () => reject(new Error('ended without an alert')))
    })
    expect(refused).toMatchObject({ code: expect.stringMatching(/CERTIFICATE|ECONNRESET/) })
  })
})

describe.skipIf(!sharedKafka().owned)('a broker with nothing of that', () => {
  it('says so', async () => {
    await using server = await startKafka()
    expect(() => server.tlsBrokers).toThrow('without a listener SSL')
    expect(() => server.tls).toThrow('without tls')
    expect(() => server.saslBrokers).toThrow('without a listener SASL_PLAINTEXT')
    expect(() => server.faults).toThrow('without proxied')
  })
})
