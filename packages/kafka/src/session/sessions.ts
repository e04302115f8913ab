import { randomUUID } from 'node:crypto'
import type { Leadership } from '@dromedary/core/cluster'
import {
  type ContextView,
  DromedaryError,
  type Exchange,
  messageOf,
  type ResumeFailures,
  type TermBegun,
} from '@dromedary/core/component'
import type { PortReader } from '../client/port.ts'
import type { Transactions } from './port.ts'
import { Positions } from './positions.ts'
import { RouteSessions } from './route-sessions.ts'
import type { RouteSettings, SessionMaker, SessionUser } from './route-settings.ts'
import { Session } from './session.ts'
import type { SessionSettings } from './settings.ts'

/** How the routes of a context write to one cluster of brokers. */
export interface SessionsOptions {
  readonly context: ContextView
  readonly transactions: Transactions
  /** Opened on first use, closed with the sessions. */
  readonly reader: () => Promise<PortReader>
  /** Prefix of every transactional id of a `master:` route: what sets this application apart from others on the brokers. */
  readonly scope: string | undefined
  /** The topic of positions, for routes that name none. */
  readonly positions: string
  readonly transactionInterval: number
  readonly giveUpAfter: number
  /** Shared by all that write to the same brokers. */
  readonly routes?: RouteSessions
  /** The last one has let go: these are closed for good. */
  readonly onClosed?: () => void
}

/**
 * The sessions of a context that write in the same way: one per route and term. The `kafka:` endpoints of a route, and its
 * `resumable` step, share it.
 */
export class Sessions implements SessionMaker {
  readonly #options: SessionsOptions
  readonly #routes: RouteSessions
  readonly #positions: Positions
  #holders = 0

  constructor(options: SessionsOptions) {
    this.#options = options
    this.#routes = options.routes ?? new RouteSessions()
    this.#positions = new Positions(options.transactions, options.reader, options.context.clock)
  }

  /** Somebody who takes part. Those of one `set` have to agree. */
  user(settings: RouteSettings = {}, set?: object): SessionUser {
    return { maker: this, settings, set }
  }

  /** For a topic that is written to: what is slow and not exclusive, for every route of the context. */
  async warmUp(topic: string, signal?: AbortSignal): Promise<void> {
    const topics = new Set([this.#options.positions, ...this.#routes.positionsOf(this)])
    for (const positions of topics) await this.#positions.warmUp(positions, [topic], signal)
  }

  /** A route that keeps its position by this user starts, also anew. */
  starts(routeId: string, strategy: SessionUser): void {
    this.#routes.starts(routeId, strategy)
  }

  /**
   * A new term of a route: the session of the one before is over. Begins at the end of this turn, since the other endpoints
   * of the route are told within it and may add to what is known of it. Never throws: what is wrong fails each send.
   */
  takeOver(term: TermBegun, user: SessionUser): void {
    const { routeId, leadership } = term
    this.#routes.tell(term, user)
    queueMicrotask(() => {
      try {
        this.session(routeId, leadership, user)
      } catch (error) {
        if (!leadership.ended.aborted) this.#options.context.logger(routeId).error(messageOf(error), { error })
      }
    })
  }

  /** The session that an exchange belongs to. Throws `DROMEDARY_NOT_LEADER` for one of an older term. */
  of(exchange: Exchange, user: SessionUser): Session {
    return this.#routes.session(exchange.fromRouteId, exchange.guard?.leadership, user, exchange)
  }

  /** Of the `resumable` step. */
  position(exchange: Exchange, position: unknown, failures: ResumeFailures, user: SessionUser): void {
    this.of(exchange, user).position(exchange, position, failures)
  }

  /** Who uses the client counts: the last one closes it. */
  hold(): void {
    this.#holders++
  }

  /** What this user alone took part in is finished. */
  async letGo(user: SessionUser): Promise<void> {
    if (--this.#holders > 0) return this.#routes.forget(user)
    this.#options.onClosed?.()
    await this.#routes.close(this)
    await this.#positions.close()
  }

  /** For whoever reads the position and goes on from there: outside a cluster also where the session before has given up. */
  resume(routeId: string, leadership: Leadership | undefined, user: SessionUser): Session {
    return this.#routes.session(routeId, leadership, user, undefined, true)
  }

  /** The session of a route in this term, or outside a cluster; begun where there is none. */
  session(routeId: string, leadership: Leadership | undefined, user: SessionUser): Session {
    return this.#routes.session(routeId, leadership, user)
  }

  begin(
    routeId: string,
    leadership: Leadership | undefined,
    settings: SessionSettings,
    after: Promise<void> | undefined,
  ): Session {
    const { context, transactions } = this.#options
    const { clock } = context
    const positions = this.#positions
    const log = context.logger(routeId)
    return new Session(settings, { clock, log, transactions, positions, leadership, after, writer: randomUUID() })
  }

  settings(routeId: string, leadership: Leadership | undefined, own: RouteSettings): SessionSettings {
    const { positions, transactionInterval, giveUpAfter } = this.#options
    return {
      transactionalId: this.#transactionalId(routeId, leadership, own),
      fences: own.fences ?? [],
      positions: own.positions ?? positions,
      transactionInterval,
      giveUpAfter,
    }
  }

  #transactionalId(routeId: string, leadership: Leadership | undefined, own: RouteSettings): string {
    if (own.transactionalId !== undefined) return own.transactionalId
    const { scope } = this.#options
    if (leadership && scope !== undefined) return `${scope}/${leadership.namespace}/${routeId}`
    throw new DromedaryError(
      'DROMEDARY_KAFKA_SCOPE',
      leadership
        ? `route ${routeId} writes transactions as a leader, and nothing says whose: set cluster.scope to a name that no other application on these brokers has`
        : `route ${routeId} writes transactions outside a cluster: give its kafka: endpoints, that of resumable as well, a transactionalId that no other process has`,
    )
  }
}
