import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { ApiProxy, Kubelet, KubernetesCluster, Pod, ServiceAccount } from '@dromedary/test-servers/kubernetes'
import type { KubernetesSettings } from './settings.ts'

export interface PlaceOptions {
  /** Of the pod. */
  readonly name: string
  readonly account: ServiceAccount
  /** Where the kubeconfig is written. */
  readonly folder: string
  /** Of the pod, such as those of a static pod's mirror. */
  readonly annotations?: Readonly<Record<string, string>>
  /**
   * Whether the token is bound to the pod, as kubelet's are: then it is worth nothing once the pod is gone. If not, the
   * member is told the UID of its pod. Default true.
   */
  readonly bound?: boolean
  /** What the member is told to be the UID of its pod, instead of the truth. */
  readonly podUid?: string
}

/** An id as a container runtime gives. */
export const freshContainer = (): string => `containerd://${randomBytes(32).toString('hex')}`

/** Where a member's process runs, as far as Kubernetes knows: a pod, a container, and a way to the API server. */
export class Place {
  /** For members that run here. */
  readonly settings: Pick<KubernetesSettings, 'kubeconfig' | 'namespace' | 'podName' | 'podUid'>
  /** The one way of the member to the API server. */
  readonly proxy: ApiProxy
  /** The id of the container that runs. */
  containerID = freshContainer()
  readonly #kubelet: Kubelet

  private constructor(settings: Place['settings'], proxy: ApiProxy, kubelet: Kubelet) {
    this.settings = settings
    this.proxy = proxy
    this.#kubelet = kubelet
  }

  /** Makes the pod and the proxy; no container runs yet. */
  static async make(cluster: KubernetesCluster, kubelet: Kubelet, options: PlaceOptions): Promise<Place> {
    const { name, account, folder, annotations, bound = true } = options
    const { namespace } = account
    const made = await kubelet.create({
      metadata: { name, namespace, ...(annotations && { annotations }) },
      ...(bound && { spec: { serviceAccountName: account.name } }),
    })
    const { uid = '' } = made.metadata
    const token = bound ? await boundToken(cluster, account, name, uid) : (await cluster.token(account)).token
    const proxy = await cluster.proxy()
    const file = join(folder, `${name}.kubeconfig`)
    const kubeconfig = cluster.kubeconfigFile(file, { url: proxy.url, token, namespace })
    const { podUid = bound ? undefined : uid } = options
    const settings = { kubeconfig, namespace, podName: name, ...(podUid !== undefined && { podUid }) }
    return new Place(settings, proxy, kubelet)
  }

  get pod(): { readonly metadata: { readonly name: string; readonly namespace: string } } {
    const { podName: name, namespace } = this.settings
    return { metadata: { name, namespace } }
  }

  /** Kubelet says that its container runs. */
  runs(startedAt = new Date()): Promise<Pod> {
    return this.#kubelet.running(this.pod, { containerID: this.containerID, startedAt })
  }

  /** Kubelet says that its container was killed. */
  ended(finishedAt = new Date()): Promise<Pod> {
    return this.#kubelet.terminated(this.pod, { containerID: this.containerID, finishedAt, exitCode: 137 })
  }

  /** Kubelet says that its container was killed, and that another runs in its place already. */
  restarted(finishedAt = new Date()): Promise<Pod> {
    const containerID = this.containerID
    this.containerID = freshContainer()
    const restarted = this.containerID
    return this.#kubelet.terminated(this.pod, { containerID, finishedAt, exitCode: 137, restarted })
  }
}

/** A token as kubelet fetches it for a pod. */
async function boundToken(
  cluster: KubernetesCluster,
  { namespace, name: account }: ServiceAccount,
  name: string,
  uid: string,
): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`
  const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name, uid }
  const spec = { expirationSeconds: 3_600, boundObjectRef }
  const { status } = await cluster.request<{ status: { token: string } }>('POST', path, { spec })
  return status.token
}
