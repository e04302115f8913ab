import type { Leadership } from '@dromedary/core/cluster'
import { DromedaryError, type Exchange, isDromedaryError } from '@dromedary/core/component'
import { differ, type RouteSettings, type SessionMaker, type SessionUser, twoValues } from './route-settings.ts'
import type { Session } from './session.ts'

/** What a route writes to. */
export interface Known {
  readonly routeId: string
  readonly leadership: Leadership | undefined
  readonly session: Session
  readonly maker: SessionMaker
  readonly positions: string
  readonly users: Set<SessionUser>
  own: RouteSettings
  /** Until nothing of it is under way: this one begins after it. */
  before: Known | undefined
  /** It takes no more, and this is when nothing of it is under way. */
  ending: Promise<void> | undefined
}

/** Nothing is under way in the one before. */
export function follow(next: Known | undefined, before: Known): void {
  if (!next) return
  next.before = undefined
  if (!before.session.over || !holdsBack(before, next)) return
  next.session.hasPositions = true
  next.session.end(before.session.over)
}

export function* chain(known: Known): Iterable<Known> {
  for (let each: Known | undefined = known; each; each = each.before) yield each
}

/** In which an exchange has a share that is not settled. */
export const holding = (known: Known, exchange: Exchange): Known | undefined =>
  [...chain(known)].find(({ session }) => !session.over && session.has(exchange))

/** In a cluster the next term begins anew. Outside, exchanges must not pass over those of a session that gave up. */
export function isFollowed({ leadership, session, own }: Known, { settings }: SessionUser, isRead: boolean): boolean {
  if (leadership || !session.over) return false
  // Another process writes under that id now: this one beginning anew would shut that one out.
  const isFenced = isDromedaryError(session.over.cause, 'DROMEDARY_FENCED')
  if (isFenced && !differ(own.transactionalId, settings.transactionalId)) return false
  return isRead || !session.hasPositions
}

/** It stands before an exchange that nothing may pass over, not even another session of the same work. */
function holdsBack({ leadership, session }: Known, next: Known): boolean {
  return (
    session.hasPositions && isDromedaryError(session.over, 'DROMEDARY_INTERRUPTED') && leadership === next.leadership
  )
}

const isSameNamespace = (one: Leadership, other: Leadership) => one.namespace === other.namespace

export const isOlder = (one: Leadership | undefined, other: Leadership | undefined): boolean =>
  one !== undefined && other !== undefined && isSameNamespace(one, other) && one.term < other.term

/** Another one has taken its place: of a later term, or of the same one when a route is changed within it. */
export function isLate(
  { leadership: known }: Known,
  leadership: Leadership | undefined,
  superseded: WeakSet<Leadership>,
): boolean {
  if (!known || !leadership || known === leadership) return false
  if (superseded.has(leadership) || isOlder(leadership, known)) return true
  const isSameTerm = isSameNamespace(known, leadership) && known.term === leadership.term
  return isSameTerm && leadership.closing.aborted && !known.ended.aborted
}

/** What a user says otherwise than the session that there is. */
export function disagrees({ maker, positions, own }: Known, user: SessionUser): string | undefined {
  if (user.maker !== maker) return 'connection'
  if (differ(positions, user.settings.positions)) return 'positions'
  return differ(own.transactionalId, user.settings.transactionalId) ? 'transactionalId' : undefined
}

export function refused(
  routeId: string,
  what: string,
  { positions, own }: Known,
  { settings }: SessionUser,
): DromedaryError {
  if (what === 'positions') return twoValues(routeId, what, positions, settings.positions)
  if (what === 'transactionalId') return twoValues(routeId, what, own.transactionalId, settings.transactionalId)
  const why = `an exchange of route ${routeId} sends to the same brokers by endpoints of other settings, and has one transaction`
  return new DromedaryError('DROMEDARY_SHARED_CONFLICT', why)
}

export const gone = ({ routeId }: Known) =>
  new DromedaryError('DROMEDARY_NOT_ACCEPTING', `what was not committed of route ${routeId} is dropped: it has stopped`)

export function late(
  routeId: string,
  leadership: Leadership | undefined,
  { leadership: known }: Known,
): DromedaryError {
  const now = known?.term === leadership?.term ? 'a route that took its place works' : `term ${known?.term} has begun`
  const why = `an exchange of term ${leadership?.term} of route ${routeId} comes too late: ${now}`
  return new DromedaryError('DROMEDARY_NOT_LEADER', why)
}
