import type { Readiness } from '../component/contract.ts'
import { messageOf } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { Events } from './events.ts'
import type { RouteStatus } from './route-status.ts'

/** What is told of one route; each change once. */
export class RouteNews {
  readonly #routeId: string
  readonly #endpointUri: string
  readonly #events: Events
  readonly #log: Logger
  #connection: string | undefined
  #readiness: Readiness | undefined
  #status: RouteStatus = 'stopped'
  /** Nothing of it is told any more: another one has its id, and runs. */
  silent = false

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

  become(status: RouteStatus, error?: unknown): void {
    if (this.#status === status) return
    this.#status = status
    if (status === 'stopped' || status === 'failed') this.#readiness = undefined
    if (this.silent) return
    const event = { type: 'route', routeId: this.#routeId, status } as const
    this.#events.tell(error === undefined ? event : { ...event, error })
  }

  ready(readiness: Readiness): void {
    if (readiness === this.#readiness) return
    this.#readiness = readiness
    if (!this.silent) this.#events.tell({ type: 'readiness', routeId: this.#routeId, readiness })
  }

  connection(state: 'connected' | 'disconnected', reason: unknown): void {
    if (this.#connection === state) return
    this.#connection = state
    const why = reason === undefined ? '' : `: ${messageOf(reason)}`
    const isExpected = state === 'connected' || this.#status === 'stopping' || this.#status === 'suspending'
    this.#log[isExpected ? 'info' : 'warn'](`${this.#endpointUri} is ${state}${why}`)
  }
}
