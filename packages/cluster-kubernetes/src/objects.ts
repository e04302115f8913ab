/**
 * The objects of the API server, as far as an election reads and writes them. What else an object has is kept: a write
 * replaces the whole of it.
 */
export interface ObjectMeta {
  readonly name: string
  readonly namespace?: string
  readonly uid?: string
  /** Opaque, but for one server's history a larger number is newer. */
  readonly resourceVersion?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly deletionTimestamp?: string
  readonly [field: string]: unknown
}

/** `coordination.k8s.io/v1` */
export interface LeaseObject {
  readonly apiVersion?: string
  readonly kind?: string
  readonly metadata: ObjectMeta
  readonly spec?: LeaseSpec
}

/** Times are MicroTime: RFC 3339 with six digits. Nobody here judges by them. */
export interface LeaseSpec {
  readonly holderIdentity?: string | null
  /** Whole seconds. */
  readonly leaseDurationSeconds?: number | null
  readonly acquireTime?: string | null
  readonly renewTime?: string | null
  readonly leaseTransitions?: number | null
  readonly [field: string]: unknown
}

/** `v1`, as kubelet fills it in. */
export interface PodObject {
  readonly metadata: ObjectMeta
  readonly spec?: {
    readonly hostPID?: boolean
    readonly shareProcessNamespace?: boolean
    readonly containers?: readonly { readonly name: string }[]
    /** Those that are restarted always go on beside the containers. */
    readonly initContainers?: readonly { readonly name: string; readonly restartPolicy?: string }[]
    readonly ephemeralContainers?: readonly { readonly name: string }[]
  }
  readonly status?: {
    readonly phase?: string
    readonly containerStatuses?: readonly ContainerStatus[]
    readonly initContainerStatuses?: readonly ContainerStatus[]
  }
}

export interface ContainerStatus {
  readonly name: string
  /** Of the container that runs or ran last: `containerd://…`. */
  readonly containerID?: string
  readonly restartCount?: number
  readonly state?: ContainerState
  readonly lastState?: ContainerState
}

export interface ContainerState {
  readonly running?: { readonly startedAt?: string }
  readonly terminated?: {
    readonly containerID?: string
    readonly reason?: string
    readonly finishedAt?: string | null
    readonly exitCode?: number
  }
  readonly waiting?: { readonly reason?: string }
}
