import { existsSync } from 'node:fs'
import { delimiter } from 'node:path'
import type { Environment } from '../cache.ts'
import { onPath } from '../on-path.ts'
import { binaryFile } from './binary.ts'

/** Where a cluster for tests comes from. */
export type Source =
  /** One that runs already. */
  | { readonly kind: 'kubeconfig'; readonly file: string }
  /** A folder with the binaries `kube-apiserver` and `etcd`. */
  | { readonly kind: 'assets'; readonly folder: string }
  /** Our own binary, which may still have to be built. */
  | { readonly kind: 'built' }
  | { readonly kind: 'none'; readonly why: string }

/** What a server of our own can be started from. */
export type ServerSource = Exclude<Source, { readonly kind: 'kubeconfig' }>

/** `KUBECONFIG` goes before everything else. */
export function findSource(env: Environment = process.env): Source {
  const file = env['KUBECONFIG']?.split(delimiter).find(one => one !== '')
  return file === undefined ? findServerSource(env) : { kind: 'kubeconfig', file }
}

/** `KUBEBUILDER_ASSETS`, else our own binary if it is there or could be built. */
export function findServerSource(env: Environment = process.env): ServerSource {
  const folder = env['KUBEBUILDER_ASSETS']
  if (folder) return { kind: 'assets', folder }
  if (existsSync(binaryFile(env)) || onPath('go', env)) return { kind: 'built' }
  const why = 'no API server: there is neither KUBECONFIG nor KUBEBUILDER_ASSETS nor a go on the PATH to build one with'
  return { kind: 'none', why }
}
