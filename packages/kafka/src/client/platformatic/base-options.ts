import { readFile } from 'node:fs/promises'
import type { ConnectionOptions as TlsOptions } from 'node:tls'
import { type Clock, DromedaryError, messageOf } from '@dromedary/core/component'
import type { BaseOptions, ConnectionOptions } from '@platformatic/kafka'
import { backOff } from '../back-off.ts'
import type { ConnectionSettings, SaslSettings, TlsSettings } from '../connection.ts'
import { oauthTokens } from '../oauth.ts'

/**
 * What each object of the client is made with. Reads the files of the TLS settings; rejects with `DROMEDARY_CONFIG`
 * where one cannot be read. Never tries again by itself: whoever wants that sets `retries`.
 */
export async function baseOptions(settings: ConnectionSettings, clock: Clock): Promise<BaseOptions> {
  const { retryBackoffMs, retryBackoffMaxMs } = settings
  return {
    clientId: settings.clientId,
    bootstrapBrokers: [...settings.brokers],
    metadataMaxAge: settings.metadataMaxAgeMs,
    requestTimeout: settings.requestTimeoutMs,
    retries: 0,
    retryDelay: (_client, _operation, attempt) => backOff(attempt, retryBackoffMs, retryBackoffMaxMs, Math.random),
    ...(settings.tls && { tls: await tlsOptions(settings.tls) }),
    ...(settings.sasl && { sasl: saslOptions(settings.sasl, clock) }),
  }
}

async function tlsOptions(tls: TlsSettings): Promise<TlsOptions> {
  const options: TlsOptions = {}
  if (tls.truststoreLocation !== undefined) options.ca = await read('sslTruststoreLocation', tls.truststoreLocation)
  if (tls.keystoreLocation !== undefined) {
    const store = await read('sslKeystoreLocation', tls.keystoreLocation)
    const passphrase = tls.keyPassword ?? tls.keystorePassword
    if (passphrase !== undefined) options.passphrase = passphrase
    if (tls.keystoreType === 'PKCS12') options.pfx = store
    else {
      // Certificates and key in one file: each reader takes what is its own.
      options.cert = store
      options.key = store
    }
  }
  if (tls.cipherSuites !== undefined) options.ciphers = tls.cipherSuites
  if (!tls.verifyHostname) options.checkServerIdentity = () => undefined
  return { ...options, ...tls.context }
}

async function read(option: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    const why = `kafka option ${option} names a file that cannot be read: ${messageOf(error)}`
    throw new DromedaryError('DROMEDARY_CONFIG', why, { cause: error })
  }
}

function saslOptions(sasl: SaslSettings, clock: Clock): NonNullable<ConnectionOptions['sasl']> {
  if (sasl.mechanism === 'OAUTHBEARER') return { mechanism: sasl.mechanism, token: oauthTokens(sasl.oauth, clock) }
  return { mechanism: sasl.mechanism, username: sasl.username, password: sasl.password }
}
