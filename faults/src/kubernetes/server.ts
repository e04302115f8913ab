import { findServerSource, type KubernetesServer, startKubernetes } from '@dromedary/test-servers/kubernetes'

let shared: KubernetesServer | undefined

/** Why there can be no API server on this machine; undefined where there can. */
export function serverUnavailable(): string | undefined {
  const source = findServerSource()
  return source.kind === 'none' ? source.why : undefined
}

/** Starts the server that all stages share, each in a namespace of its own. */
export async function openServer(): Promise<AsyncDisposable> {
  const server = await startKubernetes()
  shared = server
  return server
}

/** The server that all stages share. Whoever stops a server starts one of his own. */
export function sharedServer(): KubernetesServer {
  if (!shared) throw new Error('the suite was not opened')
  return shared
}
