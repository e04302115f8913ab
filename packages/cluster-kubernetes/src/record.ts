import type { LeaseObject } from './objects.ts'

/** What Dromedary writes beside client-go's fields. */
export const LABEL = {
  managedBy: 'app.kubernetes.io/managed-by',
  /** The resource name: which Leases belong together. */
  cluster: 'dromedary/cluster',
} as const
export const MANAGER = 'dromedary'

export const NOTE = {
  /** The cluster namespace, as it was before it had to fit a DNS name. */
  namespace: 'dromedary/namespace',
  term: 'dromedary/term',
  incarnation: 'dromedary/incarnation',
  member: 'dromedary/member',
  pod: 'dromedary/pod',
  /** Start of the holder's process, RFC 3339. */
  processStarted: 'dromedary/process-started',
  containerId: 'dromedary/container-id',
  /** Why the term before this one ended. */
  before: 'dromedary/before',
  /** `<incarnation>/<term>`: the holder let go of its own will, and nothing of that term is under way. */
  released: 'dromedary/released',
  releaseReason: 'dromedary/release-reason',
} as const

/** Who holds a Lease, as the Lease says. */
export interface Holder {
  /** Name for people; for a holder that is no Dromedary, its holderIdentity. */
  readonly id: string
  /** Undefined for a holder that is no Dromedary. */
  readonly incarnation: string | undefined
  readonly pod: string | undefined
  readonly containerId: string | undefined
  /** Milliseconds since 1970; NaN where it is unknown. */
  readonly processStarted: number
}

/** A Lease as it was read, understood. */
export interface LeaseRecord {
  readonly object: LeaseObject
  readonly uid: string
  readonly version: string
  /** Undefined: empty. */
  readonly holder: Holder | undefined
  /** 0 where it is missing or no number. */
  readonly term: bigint
  /** What it says for a lease; undefined where that is missing. */
  readonly leaseMs: number | undefined
  /** Empty, with the mark of the term that let go. */
  readonly released: boolean
  /** Empty, and as far as can be told never held: somebody made it beforehand. */
  readonly blank: boolean
  readonly releaseReason: string | undefined
  readonly before: string | undefined
}

/** Understands a Lease, whatever somebody has written into it; `wallMs` is now. */
export function readRecord(object: LeaseObject, wallMs: number): LeaseRecord {
  const { metadata, spec = {} } = object
  const notes = metadata.annotations ?? {}
  const identity = spec.holderIdentity || undefined
  const term = termOf(notes[NOTE.term], wallMs)
  const seconds = spec.leaseDurationSeconds
  return {
    object,
    uid: metadata.uid ?? '',
    version: metadata.resourceVersion ?? '',
    holder: identity === undefined ? undefined : holderOf(identity, notes),
    term,
    leaseMs: typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : undefined,
    released: identity === undefined && notes[NOTE.released] === `${notes[NOTE.incarnation]}/${term}`,
    blank: identity === undefined && !spec.renewTime && !spec.acquireTime && notes[NOTE.term] === undefined,
    releaseReason: notes[NOTE.releaseReason],
    before: notes[NOTE.before],
  }
}

/** The identity that a member writes: client-go's usual `<host>_<unique>`. */
export const identityOf = (pod: string, incarnation: string): string => `${pod}_${incarnation}`

/** The notes are the holder's only if they fit the identity: somebody may have changed one of the two. */
function holderOf(identity: string, notes: Readonly<Record<string, string>>): Holder {
  const incarnation = notes[NOTE.incarnation]
  const pod = notes[NOTE.pod]
  if (incarnation === undefined || pod === undefined || identity !== identityOf(pod, incarnation)) {
    return { id: identity, incarnation: undefined, pod: undefined, containerId: undefined, processStarted: Number.NaN }
  }
  return {
    id: notes[NOTE.member] ?? identity,
    incarnation,
    pod,
    containerId: notes[NOTE.containerId],
    processStarted: Date.parse(notes[NOTE.processStarted] ?? ''),
  }
}

/** Terms begin as milliseconds since 1970 and grow by one: so far ahead of now is none that an election gave. */
const CENTURY_MS = 100 * 365 * 24 * 3_600_000

function termOf(text: string | undefined, wallMs: number): bigint {
  if (text === undefined || !/^\d{1,18}$/.test(text)) return 0n
  const term = BigInt(text)
  return term > BigInt(Math.floor(wallMs) + CENTURY_MS) ? 0n : term
}

/** Why this Lease must not be touched; undefined for one that may be used. */
export function refusal({ object: { metadata } }: LeaseRecord, namespace: string): string | undefined {
  const named = metadata.annotations?.[NOTE.namespace]
  if (metadata.labels?.['provider'] === 'camel') {
    return `Lease ${metadata.name} belongs to Camel (label provider=camel), whose followers take it from any holder that is not a Ready pod: choose another cluster.kubernetes.resource-name`
  }
  if (named !== undefined && named !== namespace) {
    return `Lease ${metadata.name} belongs to the cluster namespace ${named}, not to ${namespace}: choose another cluster.kubernetes.resource-name for one of the two`
  }
  return undefined
}
