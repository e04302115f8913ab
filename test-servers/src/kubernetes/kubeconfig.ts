import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parse, stringify } from 'yaml'
import type { Connection } from './connection.ts'

/** What a kubeconfig may say beside the connection. */
export interface KubeconfigOptions {
  /** Where the server is said to be, such as a proxy before it. Default: where it is. */
  readonly url?: string
  /** Of a user or a service account. Default: the administrator's credentials. */
  readonly token?: string
  /** The file from which the client reads the token, again and again; instead of `token`. */
  readonly tokenFile?: string
  /** Default: none, which clients take for `default`. */
  readonly namespace?: string
}

/** The text of a kubeconfig with one context. */
export function kubeconfigText(connection: Connection, options: KubeconfigOptions = {}): string {
  const { url = connection.url, namespace } = options
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    contexts: [
      { name: 'test', context: { cluster: 'test', user: 'test', ...(namespace === undefined ? {} : { namespace }) } },
    ],
    clusters: [{ name: 'test', cluster: { server: url, ...trust(connection) } }],
    users: [{ name: 'test', user: user(connection, options) }],
  })
}

function trust({ ca, skipVerify }: Connection) {
  if (skipVerify) return { 'insecure-skip-tls-verify': true }
  return ca === undefined ? {} : { 'certificate-authority-data': base64(ca) }
}

function user({ cert, key, token: admin }: Connection, { token, tokenFile }: KubeconfigOptions) {
  if (tokenFile !== undefined) return { tokenFile }
  if (token !== undefined) return { token }
  return {
    ...(admin === undefined ? {} : { token: admin }),
    ...(cert === undefined ? {} : { 'client-certificate-data': base64(cert) }),
    ...(key === undefined ? {} : { 'client-key-data': base64(key) }),
  }
}

interface Kubeconfig {
  readonly 'current-context'?: string
  readonly contexts?: readonly { name: string; context: { cluster: string; user: string } }[]
  readonly clusters?: readonly { name: string; cluster: Fields }[]
  readonly users?: readonly { name: string; user: Fields }[]
}

type Fields = Readonly<Record<string, unknown>>

/** The connection of a kubeconfig's current context. Throws, naming the file, if there is none or it needs a program. */
export function readKubeconfig(file: string): Connection {
  const config: Kubeconfig = parse(readFileSync(file, 'utf8')) ?? {}
  const context = config.contexts?.find(one => one.name === config['current-context'])?.context
  const cluster = config.clusters?.find(one => one.name === context?.cluster)?.cluster
  const user = config.users?.find(one => one.name === context?.user)?.user
  if (!cluster || !user) throw new Error(`${file}: its current context names no cluster or no user`)
  for (const field of ['exec', 'auth-provider', 'username']) {
    if (field in user) throw new Error(`${file}: its user logs in with ${field}; tests need a token or a certificate`)
  }
  const read = (fields: Fields, field: string) => contentOf(fields, field, dirname(file))
  return defined({
    url: String(cluster['server']),
    ca: read(cluster, 'certificate-authority'),
    skipVerify: cluster['insecure-skip-tls-verify'] === true ? true : undefined,
    token: user['token'] === undefined ? textOf(user['tokenFile'], dirname(file))?.trim() : String(user['token']),
    cert: read(user, 'client-certificate'),
    key: read(user, 'client-key'),
  })
}

function contentOf(fields: Fields, field: string, folder: string): string | undefined {
  const data = fields[`${field}-data`]
  return data === undefined ? textOf(fields[field], folder) : Buffer.from(String(data), 'base64').toString('utf8')
}

const textOf = (path: unknown, folder: string): string | undefined =>
  path === undefined ? undefined : readFileSync(resolve(folder, String(path)), 'utf8')

const base64 = (text: string) => Buffer.from(text).toString('base64')

function defined(fields: { readonly [K in keyof Connection]: Connection[K] | undefined }): Connection {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as unknown as Connection
}
