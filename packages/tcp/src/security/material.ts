import { readFile } from 'node:fs/promises'
import type { SecureContextOptions } from 'node:tls'
import { DromedaryError, messageOf } from '@dromedary/core/component'
import type { TcpSettings } from '../options/schema.ts'

const PEM = '-----BEGIN '

/** What `node:tls` makes a context of. */
export type Material = Pick<SecureContextOptions, 'cert' | 'key' | 'ca' | 'passphrase' | 'minVersion' | 'maxVersion'>

/** Reads the files that the options name. Rejects with `DROMEDARY_INVALID_OPTION` for one that cannot be read. */
export async function loadMaterial(settings: TcpSettings, uri: string): Promise<Material> {
  const [cert, key, ca] = await Promise.all([
    read('sslCert', settings.sslCert, uri),
    read('sslKey', settings.sslKey, uri),
    read('sslCa', settings.sslCa, uri),
  ])
  const { passphrase, enabledProtocols } = settings
  return {
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(ca === undefined ? {} : { ca }),
    ...(passphrase === undefined ? {} : { passphrase }),
    minVersion: enabledProtocols.includes('TLSv1.2') ? 'TLSv1.2' : 'TLSv1.3',
    maxVersion: enabledProtocols.includes('TLSv1.3') ? 'TLSv1.3' : 'TLSv1.2',
  }
}

async function read(option: string, given: string | undefined, uri: string): Promise<string | undefined> {
  if (given === undefined || given.includes(PEM)) return given
  try {
    return await readFile(given, 'utf8')
  } catch (error) {
    throw new DromedaryError(
      'DROMEDARY_INVALID_OPTION',
      `tcp option ${option} names a file that cannot be read, in ${uri}: ${messageOf(error)}`,
      { cause: error },
    )
  }
}
