import { randomUUID } from 'node:crypto'
import type { Leadership } from '@dromedary/core/cluster'
import {
  type ContextView,
  DromedaryError,
  type Exchange,
  isDromedaryError,
  messageOf,
  type ResumeFailures,
  type TermBegun,
} from '@dromedary/core/component'
import type { PortReader } from '../client/port.ts'
import type { Transactions } from './port.ts'
import { Positions } from './positions.ts'
import { Session } from './session.ts'

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
  /** The last one has let go: these are closed for good. */
  readonly onClosed?: () => void
}

/** What the endpoints of one route add. */
export interface RouteSettings {
  readonly positions?: string
  readonly fences?: readonly string[]
  /** Outside a cluster, where no namespace and term make one. */
  readonly transactionalId?: string
}

/** The sessions of a context: one per route and term. Its `kafka:` endpoints, and its `resumable` step, share it. */
export class Sessions {
  readonly #options: SessionsOptions
  readonly #settings = new Map<string, RouteSettings>()
  readonly #sessions = new Map<string, { readonly leadership: Leadership | undefined; readonly session: Session }>()
  readonly #positions: Positions
  #holders = 0

  constructor(options: SessionsOptions) {
    this.#options = options
    this.#positions = new Positions(options.transactions, options.reader, options.context.clock)
  }

  get context(): ContextView {
    return this.#options.context
  }

  /** Adds to what is known of a route, before it starts. Throws `DROMEDARY_INVALID_OPTION` where two of its endpoints disagree. */
  configure(routeId: string, settings: RouteSettings): void {
    const known = this.#settings.get(routeId) ?? {}
    for (const key of ['positions', 'transactionalId'] as const) {
      const [one, other] = [known[key], settings[key]]
      if (one !== undefined && other !== undefined && one !== other) {
        throw new DromedaryError(
          'DROMEDARY_INVALID_OPTION',
          `route ${routeId} has two values of ${key}: ${one} and ${other}`,
        )
      }
    }
    const fences = [...new Set([...(known.fences ?? []), ...(settings.fences ?? [])])]
    this.#settings.set(routeId, { ...known, ...settings, fences })
  }

  /** For a topic that is written to: what is slow and not exclusive, for every route of the context. */
  async warmUp(topic: string, signal?: AbortSignal): Promise<void> {
    const topics = new Set([this.#options.positions])
    for (const { positions } of this.#settings.values()) if (positions !== undefined) topics.add(positions)
    for (const positions of topics) await this.#positions.warmUp(positions, [topic], signal)
  }

  /**
   * A new term of a route: the session of the one before is over. Begins at the end of this turn, since the other endpoints
   * of the route are told within it and may add to what is known of it. Never throws: what is wrong fails each send.
   */
  takeOver({ routeId, leadership }: TermBegun): void {
    queueMicrotask(() => {
      try {
        this.session(routeId, leadership)
      } catch (error) {
        if (!leadership.ended.aborted) this.context.logger(routeId).error(messageOf(error), { error })
      }
    })
  }

  /** The session that an exchange belongs to. Throws `DROMEDARY_NOT_LEADER` for one of an older term. */
  of(exchange: Exchange): Session {
    return this.session(exchange.fromRouteId, exchange.guard?.leadership)
  }

  /** Of the `resumable` step. */
  position(exchange: Exchange, position: unknown, failures: ResumeFailures): void {
    this.of(exchange).position(exchange, position, failures)
  }

  /** Who uses the client counts: the last one closes it. */
  hold(): void {
    this.#holders++
  }

  async letGo(): Promise<void> {
    if (--this.#holders > 0) return
    this.#options.onClosed?.()
    const stopped = new DromedaryError('DROMEDARY_NOT_ACCEPTING', 'the context has stopped')
    const sessions = [...this.#sessions.values()]
    this.#sessions.clear()
    await Promise.all(sessions.map(({ session }) => session.finish(stopped)))
    await this.#positions.close()
  }

  /** For whoever reads the position and goes on from there: outside a cluster also where the session before has given up. */
  resume(routeId: string, leadership: Leadership | undefined): Session {
    return this.#session(routeId, leadership, true)
  }

  /** The session of a route in this term, or outside a cluster; begun where there is none. */
  session(routeId: string, leadership: Leadership | undefined): Session {
    return this.#session(routeId, leadership, false)
  }

  #session(routeId: string, leadership: Leadership | undefined, fromPosition: boolean): Session {
    const known = this.#sessions.get(routeId)
    if (known && known.leadership === leadership) {
      const { session } = known
      // In a cluster the next term begins anew. Outside, exchanges must not pass over those of a session that gave up.
      if (leadership || !session.over || (session.hasPositions && !fromPosition) || isFenced(session)) return session
    }
    if (known && leadership && known.leadership && known.leadership.term > leadership.term) {
      const why = `an exchange of term ${leadership.term} of route ${routeId} comes too late: term ${known.leadership.term} has begun`
      throw new DromedaryError('DROMEDARY_NOT_LEADER', why)
    }
    const session = new Session(this.#settingsOf(routeId, leadership), {
      clock: this.context.clock,
      log: this.context.logger(routeId),
      transactions: this.#options.transactions,
      positions: this.#positions,
      leadership,
      writer: randomUUID(),
    })
    known?.session.end(new DromedaryError('DROMEDARY_NOT_LEADER', `another term of route ${routeId} has begun`))
    this.#sessions.set(routeId, { leadership, session })
    return session
  }

  #settingsOf(routeId: string, leadership: Leadership | undefined) {
    const { positions, transactionInterval, giveUpAfter } = this.#options
    const own = this.#settings.get(routeId) ?? {}
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

/** Another process writes now: this one beginning anew would shut that one out. */
const isFenced = ({ over }: Session): boolean => isDromedaryError(over?.cause, 'DROMEDARY_FENCED')
