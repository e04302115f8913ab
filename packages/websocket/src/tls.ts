import { readFile } from 'node:fs/promises'
import type { SecureContextOptions } from 'node:tls'
import { DromedaryError, messageOf } from '@dromedary/core/component'
import type { WebsocketSettings } from './options.ts'

/** What `sslContextParameters` names: options of Node's `tls.createSecureContext`, such as `pfx`, `minVersion`, `ciphers`. */
export type TlsParameters = SecureContextOptions

type TlsSettings = Pick<
  WebsocketSettings,
  'keyFile' | 'certFile' | 'caFile' | 'passphrase' | 'needClientAuth' | 'hostnameVerification' | 'sslContextParameters'
>

/** Whether an option is set that only TLS has a use for. */
export function asksForTls(options: TlsSettings): boolean {
  const { keyFile, certFile, caFile, sslContextParameters } = options
  return [keyFile, certFile, caFile, sslContextParameters].some(value => value !== undefined)
}

/** The options of a server's socket. Throws `DROMEDARY_INVALID_OPTION`: a file is missing, or there is no certificate. */
export async function serverTls(options: TlsSettings, uri: string): Promise<object> {
  const context = await secureContext(options, uri)
  if (context.cert === undefined && context.pfx === undefined) {
    throw new DromedaryError(
      'DROMEDARY_INVALID_OPTION',
      `a server with TLS needs a certificate: give ${uri} certFile and keyFile, or sslContextParameters`,
    )
  }
  return { ...context, requestCert: options.needClientAuth, rejectUnauthorized: options.needClientAuth }
}

/** The options of a client's socket. Read anew for each connection: certificates are replaced while a process runs. */
export async function clientTls(options: TlsSettings, uri: string): Promise<object> {
  const context = await secureContext(options, uri)
  return options.hostnameVerification ? context : { ...context, checkServerIdentity: () => undefined }
}

async function secureContext(options: TlsSettings, uri: string): Promise<SecureContextOptions> {
  const { sslContextParameters = {}, passphrase } = options
  const [key, cert, ca] = await Promise.all([
    read('keyFile', options.keyFile, uri),
    read('certFile', options.certFile, uri),
    read('caFile', options.caFile, uri),
  ])
  const own = Object.entries({ key, cert, ca, passphrase }).filter(([, value]) => value !== undefined)
  return { ...sslContextParameters, ...Object.fromEntries(own) }
}

async function read(option: string, file: string | undefined, uri: string): Promise<Buffer | undefined> {
  if (file === undefined) return undefined
  try {
    return await readFile(file)
  } catch (error) {
    throw new DromedaryError(
      'DROMEDARY_INVALID_OPTION',
      `option ${option} of ${uri} names a file that cannot be read: ${messageOf(error)}`,
      { cause: error },
    )
  }
}
