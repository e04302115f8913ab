import { type ContextView, DromedaryError } from '@dromedary/core/component'
import { z } from 'zod'
import type { ConnectionSettings, SaslSettings, TlsSettings } from '../client/connection.ts'
import { type ConnectionOption, connectionFields } from './connection-options.ts'
import type { KafkaSettings } from './schema.ts'

type Given = Pick<KafkaSettings, ConnectionOption>
/** What of a context matters here. */
type PropertySource = Pick<ContextView, 'property' | 'lookup'>

/** With which protocol and mechanism a short form of Camel's is spelled out. */
const AUTH_TYPES = {
  NONE: ['PLAINTEXT', undefined],
  SSL: ['SSL', undefined],
  PLAIN: ['SASL_SSL', 'PLAIN'],
  SCRAM_SHA_256: ['SASL_SSL', 'SCRAM-SHA-256'],
  SCRAM_SHA_512: ['SASL_SSL', 'SCRAM-SHA-512'],
  OAUTH: ['SASL_SSL', 'OAUTHBEARER'],
} as const

/**
 * How an endpoint reaches its brokers: its own options, those of `kafka({ … })`, then properties `kafka.<option>`, then
 * defaults. Throws `DROMEDARY_INVALID_OPTION` where they do not fit together, `DROMEDARY_CONFIG` for a bad property.
 */
export function connectionSettings(options: Given, context: PropertySource, uri: string): ConnectionSettings {
  const given = withProperties(options, context)
  const brokers = given.brokers ?? ['localhost:9092']
  if (brokers.length === 0) throw invalid('brokers names none', uri)
  for (const broker of brokers) {
    if (!isAddress(broker)) throw invalid(`brokers must be host:port, separated by commas, not "${broker}"`, uri)
  }
  if (given.clientId !== undefined && !/^\S+$/.test(given.clientId)) throw invalid('clientId must have no blanks', uri)
  const [protocol, mechanism] = security(given, uri)
  const retryBackoffMs = given.retryBackoffMs ?? 100
  return {
    brokers,
    clientId: given.clientId ?? 'dromedary',
    metadataMaxAgeMs: given.metadataMaxAgeMs ?? 300_000,
    requestTimeoutMs: given.requestTimeoutMs ?? 30_000,
    retryBackoffMs,
    retryBackoffMaxMs: Math.max(given.retryBackoffMaxMs ?? 1_000, retryBackoffMs),
    tls: protocol.endsWith('SSL') ? tls(given) : undefined,
    sasl: protocol.startsWith('SASL') ? sasl(given, mechanism, uri) : undefined,
  }
}

/** Properties are read by the same rules as options. */
function withProperties(options: Given, context: PropertySource): Given {
  const given: Record<string, unknown> = { ...options }
  for (const [name, schema] of Object.entries(connectionFields())) {
    if (given[name] !== undefined) continue
    const text = context.property(`kafka.${name}`)
    if (text === undefined) continue
    const read = z.safeParse(schema, text)
    if (!read.success) {
      const why = read.error.issues[0]?.message ?? 'cannot be read'
      throw new DromedaryError('DROMEDARY_CONFIG', `the property kafka.${name} ${why}`)
    }
    given[name] = name === 'sslContextParameters' ? context.lookup(text.replace(/^#(bean:)?/, '')) : read.data
  }
  return given as Given
}

function security(
  given: Given,
  uri: string,
): readonly [protocol: string, mechanism: SaslSettings['mechanism'] | undefined] {
  const { saslAuthType, securityProtocol, saslMechanism } = given
  const [protocol, mechanism] = AUTH_TYPES[saslAuthType ?? 'NONE']
  const chosen = securityProtocol ?? protocol
  if (saslMechanism !== undefined && !chosen.startsWith('SASL')) {
    throw invalid('saslMechanism needs securityProtocol=SASL_SSL or SASL_PLAINTEXT', uri)
  }
  return [chosen, saslMechanism ?? mechanism]
}

function tls(given: Given): TlsSettings {
  return {
    truststoreLocation: given.sslTruststoreLocation,
    keystoreLocation: given.sslKeystoreLocation,
    keystoreType: given.sslKeystoreType ?? 'PEM',
    keystorePassword: given.sslKeystorePassword,
    keyPassword: given.sslKeyPassword,
    cipherSuites: given.sslCipherSuites,
    verifyHostname: given.sslEndpointAlgorithm !== 'none',
    context: given.sslContextParameters,
  }
}

function sasl(given: Given, mechanism: SaslSettings['mechanism'] | undefined, uri: string): SaslSettings {
  if (mechanism === undefined) throw invalid('SASL needs saslMechanism', uri)
  if (mechanism !== 'OAUTHBEARER') {
    const { saslUsername: username, saslPassword: password } = given
    if (username === undefined || password === undefined)
      throw invalid(`${mechanism} needs saslUsername and saslPassword`, uri)
    return { mechanism, username, password }
  }
  const { oauthTokenEndpointUri: tokenEndpoint, oauthClientId: clientId, oauthClientSecret: clientSecret } = given
  if (tokenEndpoint === undefined || clientId === undefined || clientSecret === undefined)
    throw invalid('OAUTHBEARER needs oauthTokenEndpointUri, oauthClientId and oauthClientSecret', uri)
  if (!isSafe(tokenEndpoint)) throw invalid('oauthTokenEndpointUri must be https, or http to this host', uri)
  return { mechanism, oauth: { tokenEndpoint, clientId, clientSecret, scope: given.oauthScope } }
}

/** The secret of the client travels there. */
function isSafe(endpoint: string): boolean {
  if (!URL.canParse(endpoint)) return false
  const { protocol, hostname } = new URL(endpoint)
  return protocol === 'https:' || (protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname))
}

function isAddress(broker: string): boolean {
  const [, port] = /^(?:\[[^\]\s]+\]|[^:\s/@]+):(\d+)$/.exec(broker) ?? []
  return port !== undefined && Number(port) >= 1 && Number(port) <= 65_535
}

const invalid = (why: string, uri: string) => new DromedaryError('DROMEDARY_INVALID_OPTION', `kafka: ${why}, in ${uri}`)
