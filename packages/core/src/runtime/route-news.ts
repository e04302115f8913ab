import type { Readiness } from '../component/contract.ts'
import { messageOf } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { Events } from './events.ts'
import type { RouteStatus } from './route-status.ts'

/** How often anything was told of a route: for what came last. */
let tellings = 0

/** What is told of one route; each change once. */
export class RouteNews {
  readonly #routeId: string
  readonly #endpointUri: string
  readonly #events: Events
  readonly #log: Logger
  #connection: string | undefined
  #readiness: Readiness | undefined
  #status: RouteStatus = 'stopped'
  /** The status that was told last. */
  #told: RouteStatus | undefined
  #toldAt = 0
  #other: { readonly isRunning: boolean } | undefined

  constructor(routeId: string, endpointUri: string, events: Events, log: Logger) {
    this.#routeId = routeId
    this.#endpointUri = endpointUri
    this.#events = events
    this.#log = log
  }

  get status(): RouteStatus {
    return this.#status
  }

  get readiness(): Readiness | undefined {
    return this.#readiness
  }

  /** Nothing of it is told while the other one, which has its id, runs. */
  givesWayTo(other: { readonly isRunning: boolean } | undefined): void {
    this.#other = other
  }

  /** Another one has had its id, and is gone: its status is told where that one's was told last. */
  follow(other: RouteNews | undefined): void {
    if (other !== undefined && other.#toldAt > this.#toldAt && other.#told !== this.#status) this.#tell()
  }

  become(status: RouteStatus, error?: unknown): void {
    if (this.#status === status) return
    this.#status = status
    if (status === 'stopped' || status === 'failed') this.#readiness = undefined
    if (!this.#isSilent) this.#tell(error)
  }

  ready(readiness: Readiness): void {
    if (readiness === this.#readiness) return
    this.#readiness = readiness
    if (!this.#isSilent) this.#events.tell({ type: 'readiness', routeId: this.#routeId, readiness })
  }

  connection(state: 'connected' | 'disconnected', reason: unknown): void {
    if (this.#connection === state) return
    this.#connection = state
    const why = reason === undefined ? '' : `: ${messageOf(reason)}`
    const isExpected = state === 'connected' || this.#status === 'stopping' || this.#status === 'suspending'
    this.#log[isExpected ? 'info' : 'warn'](`${this.#endpointUri} is ${state}${why}`)
  }

  get #isSilent(): boolean {
    return this.#other?.isRunning === true
  }

  #tell(error?: unknown): void {
    this.#told = this.#status
    this.#toldAt = ++tellings
    const event = { type: 'route', routeId: this.#routeId, status: this.#status } as const
    this.#events.tell(error === undefined ? event : { ...event, error })
  }
}
