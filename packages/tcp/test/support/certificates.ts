import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { selfSigned } from '@dromedary/test-servers/certificate'

/** A certificate for 127.0.0.1 that has signed itself, and its key; PEM. */
export interface Pair {
  readonly cert: string
  readonly key: string
}

/** One whose time has passed. Nobody checks a signature under itself, so that it can be backdated. */
export function expired(): Pair {
  const { cert, key } = selfSigned()
  const der = Buffer.from(cert.replaceAll(/-----.*-----|\s/g, ''), 'base64')
  const at = der.indexOf('21200101000000Z')
  if (at < 0) throw new Error('the certificate ends at another time')
  der.write('20210101000000Z', at, 'latin1')
  const base64 = der.toString('base64').replaceAll(/.{64}/g, '$&\n')
  return { cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`, key }
}

/** Files of a certificate and its key, in a folder of their own. */
export class CertificateFiles {
  readonly folder = mkdtempSync(join(tmpdir(), 'dromedary-tcp-'))

  /** The paths of what is written there. */
  write(name: string, { cert, key }: Pair): Pair {
    const paths = { cert: join(this.folder, `${name}.crt`), key: join(this.folder, `${name}.key`) }
    writeFileSync(paths.cert, cert)
    writeFileSync(paths.key, key)
    return paths
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
