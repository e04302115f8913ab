/** How the brokers are reached; the same for everything that is shared between endpoints. */
export interface ConnectionSettings {
  /** `host:port`, at least one. */
  readonly brokers: readonly string[]
  readonly clientId: string
  readonly metadataMaxAgeMs: number
  readonly requestTimeoutMs: number
  readonly retryBackoffMs: number
  readonly retryBackoffMaxMs: number
  /** Absent: in the clear. */
  readonly tls: TlsSettings | undefined
  /** Absent: nobody in particular. */
  readonly sasl: SaslSettings | undefined
}

/** Files are read when a client is opened. */
export interface TlsSettings {
  readonly truststoreLocation: string | undefined
  readonly keystoreLocation: string | undefined
  readonly keystoreType: 'PEM' | 'PKCS12'
  readonly keystorePassword: string | undefined
  readonly keyPassword: string | undefined
  readonly cipherSuites: string | undefined
  readonly verifyHostname: boolean
  /** Options of `node:tls`, which win. */
  readonly context: object | undefined
}

export type SaslSettings =
  | {
      readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
      readonly username: string
      readonly password: string
    }
  | { readonly mechanism: 'OAUTHBEARER'; readonly oauth: OauthSettings }

/** Where a token comes from: the client credentials grant of OAuth 2. */
export interface OauthSettings {
  readonly tokenEndpoint: string
  readonly clientId: string
  readonly clientSecret: string
  readonly scope: string | undefined
}
