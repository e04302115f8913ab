import { randomBytes } from 'node:crypto'
import { connectKubernetes, type KubernetesCluster } from './cluster.ts'
import { readKubeconfig } from './kubeconfig.ts'
import { startKubernetes } from './server.ts'
import { findSource, type Source } from './source.ts'

/** A cluster to test with. Disposing ends the server that was started for it, or removes what was made in somebody else's. */
export interface OpenCluster extends AsyncDisposable {
  readonly cluster: KubernetesCluster
}

/** The cluster of `KUBECONFIG` if that is set, else a server that is started now. */
export async function openKubernetes(source: Source = findSource()): Promise<OpenCluster> {
  if (source.kind !== 'kubeconfig') {
    const server = await startKubernetes({ source })
    return { cluster: server, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
  }
  const connection = readKubeconfig(source.file)
  const cluster = connectKubernetes({ connection, run: randomBytes(4).toString('hex') })
  return { cluster, [Symbol.asyncDispose]: () => cluster.removeNamespaces() }
}
