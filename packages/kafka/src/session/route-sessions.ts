import type { Leadership } from '@dromedary/core/cluster'
import { DromedaryError, type Exchange, type TermBegun } from '@dromedary/core/component'
import {
  chain,
  disagrees,
  follow,
  gone,
  holding,
  isFollowed,
  isLate,
  isOlder,
  type Known,
  late,
  refused,
} from './known-session.ts'
import { checkSet, merged, type SessionMaker, type SessionUser } from './route-settings.ts'
import type { Session } from './session.ts'

/**
 * Which session each route writes to, of those on the same brokers. One at a time: what is under way in the one before is
 * committed, or has failed, before the next begins. Another one begins with another term, and where the route was changed
 * so that it says something else.
 */
export class RouteSessions {
  readonly #now = new Map<string, Known>()
  /** Of routes that have started: what they say counts before anything was sent. */
  readonly #strategies = new Map<string, SessionUser>()
  /** Told of a term whose session has not begun. */
  readonly #told = new Map<string, { readonly leadership: Leadership; readonly users: Set<SessionUser> }>()
  /** Others of the same term have taken their place. */
  readonly #superseded = new WeakSet<Leadership>()

  /** Topics of positions that routes have started with. */
  positionsOf(maker: SessionMaker): string[] {
    const own = [...this.#strategies.values()].filter(user => user.maker === maker)
    return own.flatMap(({ settings: { positions } }) => positions ?? [])
  }

  /** A route starts, also anew: what was forced to end is not written after the new one has read where it stands. */
  starts(routeId: string, strategy: SessionUser): void {
    this.#strategies.set(routeId, strategy)
    const known = this.#now.get(routeId)
    if (!known || known.session.over) return
    if (!known.session.isEmpty || disagrees(known, strategy)) this.#finish(known)
  }

  /** Who is told of a term takes part in its session from the beginning. */
  tell({ routeId, leadership }: TermBegun, user: SessionUser): void {
    const told = this.#told.get(routeId)
    if (told?.leadership === leadership) told.users.add(user)
    else this.#told.set(routeId, { leadership, users: new Set([user]) })
  }

  /**
   * The session of a route in this term, or outside a cluster; begun where there is none. What an exchange has a share in
   * already stays its session. `isRead`: for whoever reads the position and goes on from there.
   */
  session(
    routeId: string,
    leadership: Leadership | undefined,
    user: SessionUser,
    exchange?: Exchange,
    isRead = false,
  ): Session {
    const known = this.#now.get(routeId)
    if (known === undefined) return this.#begin(routeId, leadership, user, undefined)
    if (known.leadership === leadership && !known.before && !known.ending && known.users.has(user)) {
      if (!isFollowed(known, user, isRead)) return known.session
    }
    if (isLate(known, leadership, this.#superseded)) throw late(routeId, leadership, known)
    const shared = exchange && holding(known, exchange)
    const same = shared ?? (known.leadership === leadership && !known.ending ? known : undefined)
    if (same && !isFollowed(same, user, isRead)) {
      if (same.session.over) return same.session
      const what = disagrees(same, user)
      if (what === undefined) {
        same.users.add(user)
        same.own = merged(routeId, same.users)
        return same.session
      }
      checkSet(routeId, user, same.users)
      if (shared) throw refused(routeId, what, same, user)
    }
    return this.#begin(routeId, leadership, user, known)
  }

  /** It goes: what it alone took part in ends, and what is left of the route that kept its position by it. */
  async forget(user: SessionUser): Promise<void> {
    for (const [routeId, strategy] of this.#strategies) {
      if (strategy !== user) continue
      this.#strategies.delete(routeId)
      const known = this.#now.get(routeId)
      if (known && !known.ending) void this.#emptied(known).then(() => this.#drop(known))
    }
    const isAlone = ({ users }: Known) => users.delete(user) && users.size === 0
    await Promise.all(
      this.#all()
        .filter(isAlone)
        .map(known => this.#finish(known)),
    )
  }

  /** All of those of one way to reach the brokers. */
  async close(maker: SessionMaker): Promise<void> {
    for (const [routeId, strategy] of this.#strategies) if (strategy.maker === maker) this.#strategies.delete(routeId)
    const own = this.#all().filter(known => known.maker === maker)
    await Promise.all(own.map(known => this.#finish(known)))
  }

  #all(): Known[] {
    return [...this.#now.values()].flatMap(known => [...chain(known)])
  }

  #begin(routeId: string, leadership: Leadership | undefined, user: SessionUser, known: Known | undefined): Session {
    const told = this.#told.get(routeId)
    const strategy = this.#strategies.get(routeId)
    const users = new Set([user])
    if (told && told.leadership === leadership) for (const each of told.users) users.add(each)
    if (strategy) users.add(strategy)
    const own = merged(routeId, users)
    const settings = user.maker.settings(routeId, leadership, own)
    const isOver = known === undefined || known.session.over !== undefined
    const isPast = known !== undefined && isOlder(known.leadership, leadership)
    let next: Known | undefined
    const after = isOver || isPast ? undefined : this.#emptied(known).then(() => follow(next, known))
    const session = user.maker.begin(routeId, leadership, settings, after)
    if (isPast) {
      const ended = new DromedaryError('DROMEDARY_NOT_LEADER', `another term of route ${routeId} has begun`)
      for (const each of chain(known)) each.session.end(ended)
    }
    if (known?.leadership && known.leadership !== leadership) this.#superseded.add(known.leadership)
    const { maker } = user
    const { positions } = settings
    const before = after && known
    next = { routeId, leadership, session, maker, positions, users, own, before, ending: undefined }
    this.#now.set(routeId, next)
    this.#told.delete(routeId)
    return session
  }

  /** Another one is to begin: nothing new comes here, and what is under way ends. */
  #emptied(known: Known): Promise<void> {
    known.ending ??= known.session.emptied().then(() => known.session.finish(gone(known)))
    return known.ending
  }

  /** As {@link Session.finish}. The next one begins anew. */
  async #finish(known: Known): Promise<void> {
    const finished = known.session.finish(gone(known))
    known.ending ??= finished
    await finished
    this.#drop(known)
  }

  #drop(known: Known): void {
    if (this.#now.get(known.routeId) === known) this.#now.delete(known.routeId)
  }
}
