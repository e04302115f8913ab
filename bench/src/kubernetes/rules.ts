/** The defaults that Camel, client-go and Dromedary have in common; seconds. */
const RENEW_DEADLINE = 10
const RETRY_PERIOD = 2
const JITTER_FACTOR = 1.2

/** Requests a minute about the Lease of one namespace, by one member. */
export interface PerRole {
  readonly leader: number
  readonly follower: number
}

/** How many members campaign in how many namespaces each. */
export interface Size {
  readonly members: number
  readonly namespaces: number
}

export const sizeText = ({ members, namespaces }: Size): string => `${members} × ${namespaces}`

/** What each member of Camel asks: GET of the Lease and LIST of the pods once a poll; and a PUT, if it leads. */
export interface CamelRules extends PerRole {
  readonly polls: number
  readonly writes: number
}

/**
 * Camel's `KubernetesLeadershipController`: a poll comes once to jitter-factor times a retry period after the one before,
 * and the leader writes at the first poll that finds its last write older than the renew deadline.
 */
export function camelRules(): CamelRules {
  const pollSeconds = RETRY_PERIOD * (1 + (JITTER_FACTOR - 1) / 2)
  const polls = 60 / pollSeconds
  const writes = 60 / (Math.ceil(RENEW_DEADLINE / pollSeconds) * pollSeconds)
  return { polls, writes, leader: 2 * polls + writes, follower: 2 * polls }
}

/** Of two JVMs in one namespace with Camel 4.18 on a real API server: 27 GET, 27 LIST, and 5.5 PUT of the leader. */
export const CAMEL_MEASURED: PerRole = { leader: 59, follower: 54 }

/**
 * client-go's `leaderelection`: the leader writes once a retry period, without a read; a follower reads, and waits one
 * retry period and up to jitter-factor more of them, which is longer than Camel's wait of the same name.
 */
export const clientGoRules = (): PerRole => ({
  leader: 60 / RETRY_PERIOD,
  follower: 60 / (RETRY_PERIOD * (1 + JITTER_FACTOR / 2)),
})

/** Of all members together: both know one namespace only, so that several are so many elections. */
export const totalOf = ({ leader, follower }: PerRole, { members, namespaces }: Size): number =>
  namespaces * (leader + (members - 1) * follower)
