import { inject } from 'vitest'
import { connectKubernetes, type KubernetesCluster } from './cluster.ts'
import type {} from './global-setup.ts'

/** The cluster of all test files of this run. Whoever stops a server starts one of his own with `startKubernetes`. */
export const sharedKubernetes = (): KubernetesCluster => connectKubernetes(inject('kubernetes'))
