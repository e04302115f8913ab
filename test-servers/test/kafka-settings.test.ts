import { describe, expect, it } from 'vitest'
import { addressOf, chooseListeners, listener } from '../src/kafka/listeners.ts'
import { brokerProperties, propertiesText } from '../src/kafka/properties.ts'
import { makeTls, saslProperties, scramArguments, tlsProperties } from '../src/kafka/security.ts'

const plain = { proxied: 0, tls: false, sasl: false }

describe('listeners', () => {
  it('are a plain one and a controller, and what else is wanted', async () => {
    const names = async (options: Parameters<typeof chooseListeners>[0]) =>
      (await chooseListeners(options)).map(({ name }) => name)
    expect(await names(plain)).toEqual(['PLAINTEXT', 'CONTROLLER'])
    expect(await names({ ...plain, proxied: 2 })).toEqual(['PLAINTEXT', 'PROXIED1', 'PROXIED2', 'CONTROLLER'])
    expect(await names({ ...plain, tls: true })).toEqual(['PLAINTEXT', 'SSL', 'CONTROLLER'])
    expect(await names({ proxied: 0, tls: true, sasl: true })).toEqual([
      'PLAINTEXT',
      'SSL',
      'SASL_PLAINTEXT',
      'SASL_SSL',
      'CONTROLLER',
    ])
  })

  it('advertise themselves, or the port of a proxy', async () => {
    const listeners = await chooseListeners({ ...plain, proxied: 1 })
    const { port, advertised } = listener(listeners, 'PROXIED1')
    expect(advertised).not.toBe(port)
    const settings = brokerProperties(listeners, '127.0.0.1', '/data')
    const own = addressOf(listener(listeners, 'PLAINTEXT'))
    expect(settings['listeners']).toContain(`PROXIED1://127.0.0.1:${port}`)
    expect(settings['advertised.listeners']).toBe(`PLAINTEXT://${own},PROXIED1://127.0.0.1:${advertised}`)
    expect(settings['listener.security.protocol.map']).toContain('PROXIED1:PLAINTEXT')
  })

  it('are reached at 127.0.0.1 though a container listens everywhere', async () => {
    const listeners = await chooseListeners(plain)
    const settings = brokerProperties(listeners, '0.0.0.0', '/data')
    expect(settings['listeners']).toMatch(/^PLAINTEXT:\/\/0\.0\.0\.0:/)
    expect(settings['advertised.listeners']).toMatch(/^PLAINTEXT:\/\/127\.0\.0\.1:/)
    expect(settings['controller.quorum.voters']).toBe(`1@127.0.0.1:${listener(listeners, 'CONTROLLER').port}`)
  })
})

describe('settings', () => {
  it('are ours, and over them what somebody wants', async () => {
    const listeners = await chooseListeners(plain)
    const settings = brokerProperties(listeners, '127.0.0.1', '/data', { 'node.id': 7, 'message.max.bytes': 10 })
    expect(settings).toMatchObject({ 'node.id': 7, 'message.max.bytes': 10, 'group.initial.rebalance.delay.ms': 0 })
  })

  it('are written as Java reads them', () => {
    expect(propertiesText({ a: 1, b: true, path: 'C:\\x', pem: 'one\ntwo', blank: ' x ', text: 'grün' })).toBe(
      'a=1\nb=true\npath=C:\\\\x\npem=one\\ntwo\nblank=\\ x \ntext=gr\\u00fcn\n',
    )
  })
})

describe('security', () => {
  it('asks clients for a certificate only if told to', () => {
    expect(tlsProperties(makeTls(false))).not.toHaveProperty('ssl.client.auth')
    const tls = makeTls(true)
    expect(tlsProperties(tls)).toMatchObject({
      'ssl.client.auth': 'required',
      'ssl.truststore.certificates': tls.client?.cert,
      'ssl.keystore.certificate.chain': tls.ca,
    })
  })

  it('knows an account by each mechanism, on each listener', () => {
    const account = { username: 'alice', password: 'a"b\\c' }
    const settings = saslProperties(['SASL_PLAINTEXT', 'SASL_SSL'], account)
    expect(settings['listener.name.sasl_ssl.plain.sasl.jaas.config']).toContain('user_alice="a\\"b\\\\c"')
    expect(Object.keys(settings)).toHaveLength(7)
    expect(scramArguments(account)).toEqual([
      '--add-scram',
      'SCRAM-SHA-256=[name=alice,password=a"b\\c]',
      '--add-scram',
      'SCRAM-SHA-512=[name=alice,password=a"b\\c]',
    ])
  })
})
