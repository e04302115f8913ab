import { bean, integer, list, oneOf, text } from '@dromedary/core/component'

/** Where the brokers are, and as whom: of an endpoint, of `kafka({ … })`, or of the configuration under `kafka.`. */
export const connectionFields = () => ({
  brokers: list()
    .optional()
    .describe(
      'Addresses to begin with, host:port, separated by commas; the others are learned from them. Also the property kafka.brokers; default localhost:9092.',
    ),
  clientId: text().optional().describe('What brokers call this client in their logs and quotas. Default dromedary.'),
  metadataMaxAgeMs: integer({ min: 1 })
    .optional()
    .describe(
      'After so many milliseconds topics and partitions are asked for anew, which is how new ones are found. Default 300000.',
    ),
  requestTimeoutMs: integer({ min: 1 })
    .optional()
    .describe('How long an answer of a broker is waited for, milliseconds. Default 30000.'),
  retryBackoffMs: integer({ min: 1 })
    .optional()
    .describe('Wait before the first new attempt, milliseconds; it doubles with each. Default 100.'),
  retryBackoffMaxMs: integer({ min: 1 })
    .optional()
    .describe('Longest wait between two attempts, milliseconds. Default 1000.'),
  securityProtocol: oneOf(['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'])
    .optional()
    .describe('Whether TLS and whether SASL is used. Default PLAINTEXT, or what saslAuthType makes of it.'),
  saslAuthType: oneOf(['NONE', 'PLAIN', 'SCRAM_SHA_256', 'SCRAM_SHA_512', 'SSL', 'OAUTH'])
    .optional()
    .describe(
      'Protocol and mechanism in one word, SASL over TLS; securityProtocol and saslMechanism are set one by one instead.',
    ),
  saslMechanism: oneOf(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'])
    .optional()
    .describe('How this client proves who it is. Needed with SASL_PLAINTEXT and SASL_SSL.'),
  saslUsername: text().optional().describe('Name for PLAIN and SCRAM.'),
  saslPassword: text().optional().describe('Password for PLAIN and SCRAM.'),
  oauthTokenEndpointUri: text()
    .optional()
    .describe('Where OAUTHBEARER gets its tokens, by the client credentials grant: https, or http to this host.'),
  oauthClientId: text().optional().describe('Who asks for the token.'),
  oauthClientSecret: text().optional().describe('Proves who asks for the token.'),
  oauthScope: text().optional().describe('What the token is asked for.'),
  sslTruststoreLocation: text()
    .optional()
    .describe('File of the certificates that are trusted, PEM. Default: those of Node.js.'),
  sslKeystoreLocation: text().optional().describe('File of the own certificate and its key, for TLS on both sides.'),
  sslKeystoreType: oneOf(['PEM', 'PKCS12']).optional().describe('What sslKeystoreLocation is. Default PEM.'),
  sslKeystorePassword: text().optional().describe('Of the file sslKeystoreLocation.'),
  sslKeyPassword: text().optional().describe('Of the key in it, where that has one of its own.'),
  sslCipherSuites: text()
    .optional()
    .describe('Cipher suites that may be used, as OpenSSL names them, separated by colons.'),
  sslEndpointAlgorithm: oneOf(['https', 'none'])
    .optional()
    .describe(
      'https: the certificate must be for the name of the broker. none: any that is trusted will do. Default https.',
    ),
  sslContextParameters: bean<object>()
    .optional()
    .describe('A bean with options of tls.connect of Node.js, for what the options above do not say; it wins.'),
})

/** Whether the endpoint, too, can be set by properties: names of {@link connectionFields}. */
export type ConnectionOption = keyof ReturnType<typeof connectionFields>
