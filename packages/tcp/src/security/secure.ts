import type { SecureContext } from 'node:tls'
import { DromedaryError, messageOf } from '@dromedary/core/component'
import type { TcpSettings } from '../options/schema.ts'
import { loadMaterial, type Material } from './material.ts'

/** What an endpoint needs for TLS. */
export interface Secure {
  readonly tls: typeof import('node:tls')
  readonly material: Material
  /** Of the client side. */
  readonly context: SecureContext
}

/**
 * The TLS of an endpoint, on first use: nothing is loaded or read before something starts, and then once for all its
 * consumers and its producer. Undefined without ssl=true. One that could not be made is tried again at the next start.
 */
export function secureOnce(settings: TcpSettings, uri: string): () => Promise<Secure | undefined> {
  let made: Promise<Secure | undefined> | undefined
  return () => {
    made ??= makeSecure(settings, uri).catch(error => {
      made = undefined
      throw error
    })
    return made
  }
}

async function makeSecure(settings: TcpSettings, uri: string): Promise<Secure | undefined> {
  if (!settings.ssl) return undefined
  const [tls, material] = await Promise.all([import('node:tls'), loadMaterial(settings, uri)])
  try {
    return { tls, material, context: tls.createSecureContext(material) }
  } catch (error) {
    throw new DromedaryError(
      'DROMEDARY_INVALID_OPTION',
      `the certificate or the key in ${uri} is of no use: ${messageOf(error)}; sslCert and sslKey must be PEM and belong to each other, passphrase decrypts the key`,
      { cause: error },
    )
  }
}
