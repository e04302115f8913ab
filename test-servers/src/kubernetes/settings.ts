import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The files of a server, all in one folder. */
export interface ServerFiles {
  readonly etcd: string
  readonly certs: string
  readonly tokens: string
  readonly signingKey: string
  readonly verifyKey: string
  readonly auditPolicy: string
  readonly audit: string
  readonly log: string
}

// Everything else would bury what tests look for.
const AUDIT_POLICY = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: Metadata
    resources:
      - { group: coordination.k8s.io, resources: [leases] }
      - { group: '', resources: [pods, pods/status] }
      - { group: authorization.k8s.io, resources: [selfsubjectaccessreviews] }
  - level: None
`

/** Names the files in a folder. */
export function serverFiles(folder: string): ServerFiles {
  return {
    etcd: join(folder, 'etcd'),
    certs: join(folder, 'certs'),
    tokens: join(folder, 'tokens.csv'),
    signingKey: join(folder, 'service-account.key'),
    verifyKey: join(folder, 'service-account.pub'),
    auditPolicy: join(folder, 'audit-policy.yaml'),
    audit: join(folder, 'audit.log'),
    log: join(folder, 'server.log'),
  }
}

/** Writes what a server needs before its first start, and gives back the administrator's token. */
export function writeSettings(files: ServerFiles): string {
  // Made here, with the permissions that etcd asks for.
  mkdirSync(files.etcd, { mode: 0o700 })
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const secret = { mode: 0o600 }
  writeFileSync(files.signingKey, privateKey.export({ type: 'sec1', format: 'pem' }), secret)
  writeFileSync(files.verifyKey, publicKey.export({ type: 'spki', format: 'pem' }))
  const token = randomBytes(16).toString('hex')
  writeFileSync(files.tokens, `${token},admin,admin,system:masters\n`, secret)
  writeFileSync(files.auditPolicy, AUDIT_POLICY)
  return token
}

/** The flags of kube-apiserver, but for where etcd is. */
export function serverFlags(files: ServerFiles, port: number): string[] {
  return [
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${port}`,
    // It makes a certificate for 127.0.0.1 there, or takes the one that it finds.
    `--cert-dir=${files.certs}`,
    '--authorization-mode=RBAC',
    '--anonymous-auth=false',
    `--token-auth-file=${files.tokens}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-signing-key-file=${files.signingKey}`,
    `--service-account-key-file=${files.verifyKey}`,
    // It would refuse pods as long as their service account is missing, and no controller makes one.
    '--disable-admission-plugins=ServiceAccount',
    '--endpoint-reconciler-type=none',
    // Otherwise a SIGTERM waits a minute for watches, which would go on.
    '--shutdown-watch-termination-grace-period=1s',
    `--audit-policy-file=${files.auditPolicy}`,
    `--audit-log-path=${files.audit}`,
    // A mark is a position in this one file.
    '--audit-log-maxsize=100000',
  ]
}
