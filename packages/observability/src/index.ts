/** Health, leadership and metrics of an application over HTTP. For `runApplication({ observability })` of `@dromedary/main`. */
export type { Check, CheckStatus, HealthReport } from './health/check.ts'
export type { LeaderView, NamespaceView } from './leadership/view.ts'
export { type Observation, type ObservationGiven, type OverdueWork, observability } from './observability.ts'
export { type ObserveOptions, observeOptions } from './options.ts'
