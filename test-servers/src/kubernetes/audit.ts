import { linesFrom, sizeOf } from '../log-file.ts'

/** A place in the audit log. */
export type AuditMark = number

/** One request, as the server's audit log has it. */
export interface AuditEvent {
  readonly user: string
  /** get, list, watch, create, update, patch, delete or deletecollection. */
  readonly verb: string
  readonly resource: string
  readonly subresource: string | undefined
  readonly namespace: string | undefined
  readonly name: string | undefined
  /** Of HTTP; undefined while it has none. */
  readonly code: number | undefined
  /** A watch has a `ResponseStarted` first, and the other once it is over; all others have `ResponseComplete` alone. */
  readonly stage: 'ResponseStarted' | 'ResponseComplete' | 'Panic'
  /** With the query. */
  readonly uri: string
  readonly userAgent: string | undefined
  readonly receivedAt: Date
  /** When the stage was reached. */
  readonly time: Date
}

/** Values that an event must have. */
export type AuditFilter = Partial<
  Pick<AuditEvent, 'user' | 'verb' | 'resource' | 'namespace' | 'name' | 'code' | 'stage'>
>

/** The end of the log as it is now. */
export const auditMark = (file: string): AuditMark => sizeOf(file)

/** The events from a mark on that the filter lets through. An event may come a moment after its answer. */
export function auditEvents(file: string, since: AuditMark, filter: AuditFilter): AuditEvent[] {
  const wanted = Object.entries(filter) as [keyof AuditEvent, unknown][]
  return linesFrom(file, since)
    .map(line => eventOf(JSON.parse(line)))
    .filter(event => wanted.every(([field, value]) => event[field] === value))
}

interface Raw {
  readonly stage: AuditEvent['stage']
  readonly requestURI: string
  readonly verb: string
  readonly user: { readonly username: string }
  readonly userAgent?: string
  readonly objectRef?: { resource?: string; subresource?: string; namespace?: string; name?: string }
  readonly responseStatus?: { readonly code?: number }
  readonly requestReceivedTimestamp: string
  readonly stageTimestamp: string
}

function eventOf(raw: Raw): AuditEvent {
  const { resource = '', subresource, namespace, name } = raw.objectRef ?? {}
  return {
    user: raw.user.username,
    verb: raw.verb,
    resource,
    subresource,
    namespace,
    name,
    code: raw.responseStatus?.code,
    stage: raw.stage,
    uri: raw.requestURI,
    userAgent: raw.userAgent,
    receivedAt: new Date(raw.requestReceivedTimestamp),
    time: new Date(raw.stageTimestamp),
  }
}
