import type { AuditEvent } from '@dromedary/test-servers/kubernetes'

/** The requests of a member, by what they are about. */
export interface Requests {
  readonly writes: number
  readonly reads: number
  readonly others: readonly string[]
  /** Watches that are open at the end. */
  readonly watches: number
}

/** `events`: of one user, from its start; those before `since` count for watches alone. */
export function requestsOf(events: readonly AuditEvent[], since: Date): Requests {
  const done = events.filter(event => event.verb !== 'watch' && event.receivedAt >= since)
  const of = (verb: string, resource: string) => (event: AuditEvent) =>
    event.verb === verb && event.resource === resource
  const writes = done.filter(of('update', 'leases'))
  const reads = done.filter(of('get', 'leases'))
  const rest = done.filter(event => !writes.includes(event) && !reads.includes(event))
  const watch = (stage: AuditEvent['stage']) =>
    events.filter(event => event.verb === 'watch' && event.stage === stage).length
  return {
    writes: writes.length,
    reads: reads.length,
    others: [...Map.groupBy(rest, ({ verb, resource }) => `${verb} ${resource}`)].map(
      ([what, { length }]) => `${length} ${what}`,
    ),
    watches: watch('ResponseStarted') - watch('ResponseComplete'),
  }
}
