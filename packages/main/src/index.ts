export { runApplication } from './application.ts'
export type { ApplicationOptions } from './assemble.ts'
export type { ClusterBackend, ClusterBackends, ClusterGiven } from './cluster/backends.ts'
export type { Properties } from './configuration/properties.ts'
