/** Any object of the API, as far as everybody knows it. */
export interface KubernetesObject {
  readonly apiVersion?: string
  readonly kind?: string
  readonly metadata: ObjectMeta
  readonly [field: string]: unknown
}

/** The metadata that tests look at. */
export interface ObjectMeta {
  readonly name?: string
  readonly generateName?: string
  readonly namespace?: string
  readonly uid?: string
  readonly resourceVersion?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly deletionTimestamp?: string
  readonly [field: string]: unknown
}

/** One rule of a Role. */
export interface PolicyRule {
  /** `''` is the core group. */
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
  readonly resourceNames?: readonly string[]
}

/** A time as Kubernetes writes those of pods: RFC 3339 in whole seconds, cut off. */
export function wholeSeconds(time: Date | string): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`
}
