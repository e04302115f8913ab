import { flag, list, text } from '@dromedary/core/component'

const VERSIONS = ['TLSv1.2', 'TLSv1.3']

/** TLS. */
export const tlsOptions = () => ({
  ssl: flag().default(false).describe('Encrypt the connection by TLS.'),
  sslCert: text()
    .optional()
    .describe('Certificate of this side, and the chain behind it: a PEM file, or PEM text. A server needs one.'),
  sslKey: text().optional().describe('Private key of this side: a PEM file, or PEM text.'),
  passphrase: text().optional().describe('Of the private key, where it is encrypted.'),
  sslCa: text()
    .optional()
    .describe(
      'Who may have signed the certificate of the peer: a PEM file, or PEM text. Default: the authorities that Node knows.',
    ),
  hostnameVerification: flag()
    .default(true)
    .describe('A client checks that the certificate was made for the host of the URI. Camel: false.'),
  enabledProtocols: list()
    .refine(
      versions => versions.length > 0 && versions.every(version => VERSIONS.includes(version)),
      'must be TLSv1.2, TLSv1.3 or both',
    )
    .default(VERSIONS)
    .describe('Versions of TLS that are spoken.'),
})
