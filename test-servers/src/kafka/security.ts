import { selfSigned } from '../self-signed.ts'
import type { Properties } from './properties.ts'

/** Who may log in at a broker's SASL listeners, by PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512. */
export interface Credentials {
  readonly username: string
  readonly password: string
}

/** How a broker's TLS listeners are secured; PEM. */
export interface Tls {
  /** The broker's certificate, which clients must trust. */
  readonly ca: string
  readonly key: string
  /** What a client must show. Undefined: clients show nothing. */
  readonly client: { readonly cert: string; readonly key: string } | undefined
}

/** Makes certificates for 127.0.0.1. */
export function makeTls(clientCertificate: boolean): Tls {
  const { cert, key } = selfSigned()
  return { ca: cert, key, client: clientCertificate ? selfSigned() : undefined }
}

/** The settings of TLS listeners. */
export function tlsProperties({ ca, key, client }: Tls): Properties {
  return {
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.certificate.chain': ca,
    'ssl.keystore.key': key,
    ...(client === undefined
      ? {}
      : {
          'ssl.client.auth': 'required',
          'ssl.truststore.type': 'PEM',
          'ssl.truststore.certificates': client.cert,
        }),
  }
}

const SCRAM = 'org.apache.kafka.common.security.scram.ScramLoginModule required;'

/** The settings of SASL listeners; SCRAM's passwords are not here but in the broker's data, see {@link scramArguments}. */
export function saslProperties(names: readonly string[], { username, password }: Credentials): Properties {
  const plain = `org.apache.kafka.common.security.plain.PlainLoginModule required user_${username}="${quoted(password)}";`
  const settings: Record<string, string> = { 'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512' }
  for (const name of names.map(one => one.toLowerCase())) {
    settings[`listener.name.${name}.plain.sasl.jaas.config`] = plain
    settings[`listener.name.${name}.scram-sha-256.sasl.jaas.config`] = SCRAM
    settings[`listener.name.${name}.scram-sha-512.sasl.jaas.config`] = SCRAM
  }
  return settings
}

/** What the formatter must be told about an account. */
export function scramArguments({ username, password }: Credentials): string[] {
  const account = `[name=${username},password=${password}]`
  return ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap(one => ['--add-scram', `${one}=${account}`])
}

const quoted = (text: string) => text.replaceAll(/["\\]/g, '\\$&')
