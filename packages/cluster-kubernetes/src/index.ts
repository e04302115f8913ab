export {
  ApiFailure,
  type KubernetesApi,
  type Right,
  type Watch,
  type WatchListener,
  type WatchSelector,
} from './api.ts'
export { type KubernetesClusterGiven, kubernetesCluster } from './backend.ts'
export type {
  ContainerState,
  ContainerStatus,
  LeaseObject,
  LeaseSpec,
  ObjectMeta,
  PodObject,
} from './objects.ts'
export { type KubernetesClusterOptions, type KubernetesClusterSettings, kubernetesClusterOptions } from './options.ts'
export { createKubernetesClusterService } from './service.ts'
