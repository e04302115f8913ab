import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { type Clock, DromedaryError, messageOf } from '@dromedary/core'
import { KubeConfig, loadYaml } from '@kubernetes/client-node'
import type { KubernetesApi } from '../api.ts'
import { Access } from './access.ts'
import { HttpApi } from './http-api.ts'
import { Requests } from './requests.ts'

/** What `@kubernetes/client-node` falls back to where it finds nothing. */
const NOTHING_FOUND = 'http://localhost:8080'

export interface ConnectOptions {
  readonly namespace?: string | undefined
  readonly kubeconfig?: string | undefined
  readonly connectionTimeout: number
  readonly clock: Clock
}

/** The calls to the API server over the configuration that this process finds. Opens nothing. Rejects with `DROMEDARY_CLUSTER_CONFIG`. */
export function connectApi(options: ConnectOptions): KubernetesApi {
  const config = load(options.kubeconfig)
  const context = config.getContextObject(config.getCurrentContext())
  const namespace = options.namespace ?? (context?.namespace?.trim() || 'default')
  const access = new Access(config, () => load(options.kubeconfig))
  return new HttpApi(namespace, new Requests({ access, clock: options.clock, timeoutMs: options.connectionTimeout }))
}

/** Where the library looks next. */
function fileAtHome(): string | undefined {
  const path = join(homedir(), '.kube', 'config')
  return existsSync(path) ? path : undefined
}

/** The library does not know kubectl's `tokenFile`, but a provider that reads a file now and then. */
function useTokenFiles(config: KubeConfig, file: string): void {
  if (file === '') return
  const { users } = loadYaml<{ users?: readonly { name: string; user?: { tokenFile?: string } }[] }>(
    readFileSync(file, 'utf8'),
  )
  for (const { name, user: given } of users ?? []) {
    const tokenFile = given?.tokenFile
    const user = config.getUser(name)
    if (!user || !tokenFile) continue
    Object.assign(user, {
      token: undefined,
      authProvider: { name: 'tokenFile', config: { tokenFile: resolve(dirname(file), tokenFile) } },
    })
  }
}

function load(path: string | undefined): KubeConfig {
  const config = new KubeConfig()
  const from = path ?? (process.env['KUBECONFIG'] || fileAtHome())
  try {
    if (path === undefined) config.loadFromDefault()
    else {
      // The library's own reader says nothing of where a file is wrong.
      readFileSync(path)
      config.loadFromFile(path)
    }
    const files = path === undefined ? (from?.split(delimiter) ?? []) : [path]
    for (const file of files) useTokenFiles(config, file)
    const cluster = config.getCurrentCluster()
    if (!cluster) throw new Error('its current context names no cluster')
    if (!config.getCurrentUser()) throw new Error('its current context names no user that it has')
    if (path === undefined && cluster.server === NOTHING_FOUND && cluster.name === 'cluster') {
      throw new Error('there is neither KUBECONFIG nor ~/.kube/config, nor the service account of a pod')
    }
    if (new URL(cluster.server).protocol === 'http:' && !cluster.skipTLSVerify) {
      throw new Error(`${cluster.server} is plain HTTP, which needs insecure-skip-tls-verify: true in that cluster`)
    }
  } catch (error) {
    const where = from === undefined ? '' : ` (${from})`
    throw new DromedaryError(
      'DROMEDARY_CLUSTER_CONFIG',
      `The configuration of the Kubernetes client${where} cannot be used: ${messageOf(error)}.`,
      { cause: error },
    )
  }
  return config
}
