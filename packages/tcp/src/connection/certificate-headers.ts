import type { Socket } from 'node:net'
import type { PeerCertificate, TLSSocket } from 'node:tls'

/** Camel's headers about the certificate of the peer; none where it showed none. */
export function certificateHeaders(socket: Socket): readonly (readonly [name: string, value: unknown])[] {
  // Node itself would crash over a socket that is gone.
  if (socket.destroyed) return []
  const certificate = (socket as Partial<TLSSocket>).getPeerCertificate?.()
  // Node gives an empty object where there is none.
  if (certificate?.serialNumber === undefined) return []
  return [
    ['CamelNettySSLClientCertSubjectName', distinguishedName(certificate.subject)],
    ['CamelNettySSLClientCertIssuerName', distinguishedName(certificate.issuer)],
    ['CamelNettySSLClientCertSerialNumber', certificate.serialNumber],
    ['CamelNettySSLClientCertNotBefore', new Date(certificate.valid_from)],
    ['CamelNettySSLClientCertNotAfter', new Date(certificate.valid_to)],
  ]
}

/** `CN=orders,O=Example`, the most specific part first, as Java writes it. */
function distinguishedName(name: PeerCertificate['subject']): string {
  return Object.entries(name)
    .flatMap(([key, value]) => (Array.isArray(value) ? value : [value]).map(one => `${key}=${escaped(String(one))}`))
    .reverse()
    .join(',')
}

const escaped = (value: string) => value.replaceAll(/[,+"\\<>;=]/g, '\\$&')
