import type { AuditEvent } from '@dromedary/test-servers/kubernetes'

/** What counting looks at of a request. */
export type Audited = Pick<AuditEvent, 'user' | 'verb' | 'resource' | 'name' | 'code' | 'stage' | 'uri' | 'receivedAt'>

/** Requests a minute, as the audit log has them. */
export interface Counted {
  /** About one Lease, by the member that leads there, by verb. */
  readonly leader: Readonly<Record<string, number>>
  /** About one Lease, by one member that does not lead there, by verb. */
  readonly follower: Readonly<Record<string, number>>
  /** Of all members together. */
  readonly watchesOpened: number
  /** Of all members together, about pods and rights. */
  readonly other: number
  readonly total: number
  /** How many watches the server held open in the end; each is one request, however long. */
  readonly watchesHeld: number
  /** Leases that more than one member wrote, or none, in the window: then this was no steady state. */
  readonly unsteady: number
}

export interface Window {
  readonly from: Date
  readonly to: Date
}

/** Counts what the server received in the window. Whoever updated a Lease leads its namespace. */
export function countRequests(
  events: readonly Audited[],
  { from, to }: Window,
  { members, namespaces }: { readonly members: number; readonly namespaces: number },
): Counted {
  const minutes = (to.getTime() - from.getTime()) / 60_000
  const received = events.filter(event => event.receivedAt >= from && event.receivedAt < to && isFirstWord(event))
  const aboutOne = received.filter(
    ({ verb, resource, name }) => resource === 'leases' && name !== undefined && verb !== 'watch',
  )
  const keyOf = ({ user, name }: Audited) => `${user} ${name}`
  const updates = aboutOne.filter(({ verb }) => verb === 'update')
  const leaders = new Set(updates.map(keyOf))
  const steady = new Map<string | undefined, Set<string>>()
  for (const { name, user } of updates) steady.set(name, (steady.get(name) ?? new Set()).add(user))
  const watches = received.filter(({ verb }) => verb === 'watch').length
  const followers = Math.max(0, members * namespaces - leaders.size)
  return {
    leader: byVerb(
      aboutOne.filter(event => leaders.has(keyOf(event))),
      leaders.size * minutes,
    ),
    follower: byVerb(
      aboutOne.filter(event => !leaders.has(keyOf(event))),
      followers * minutes,
    ),
    watchesOpened: watches / minutes,
    other: (received.length - aboutOne.length - watches) / minutes,
    total: received.length / minutes,
    watchesHeld: heldAt(events, to),
    unsteady: namespaces - [...steady.values()].filter(users => users.size === 1).length,
  }
}

/** A watch that was granted has two events, all other requests one. */
const isFirstWord = ({ verb, stage, code = 0 }: Audited): boolean =>
  stage === 'ResponseStarted' || verb !== 'watch' || code >= 400

/** Watches that had begun by then without having ended. */
function heldAt(events: readonly Audited[], at: Date): number {
  const begun = new Set<string>()
  for (const { user, verb, uri, receivedAt, stage } of events) {
    if (verb !== 'watch' || receivedAt >= at) continue
    const key = `${user} ${uri} ${receivedAt.getTime()}`
    if (stage === 'ResponseStarted') begun.add(key)
    else begun.delete(key)
  }
  return begun.size
}

function byVerb(events: readonly Audited[], memberMinutes: number): Record<string, number> {
  const rates: Record<string, number> = {}
  if (memberMinutes === 0) return rates
  for (const { verb } of events) rates[verb] = (rates[verb] ?? 0) + 1 / memberMinutes
  return rates
}
