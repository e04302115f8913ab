import type { Leadership } from '../cluster/contract.ts'
import type { ConversionTarget, Converted, TypeConverters } from './converters.ts'
import { Message } from './message.ts'
import { NAMES } from './names.ts'
import { UnitOfWork } from './unit-of-work.ts'
import type { VariableScopes } from './variables.ts'

/** InOnly: nobody waits for a reply. InOut: the message at the end of the route is the reply. */
export type ExchangePattern = 'InOnly' | 'InOut'

/** Why the pipeline goes no further; a bit each, 0 while it goes on. */
export const HALT = {
  /** `exchange.exception` is set and no error handler took it. */
  exception: 1,
  /** The `stop` step: ended early, but completed. */
  stop: 2,
  /** Marked rollback-only: ended, and completed as a failure. */
  rollback: 4,
  /** An error handler dealt with the failure: ended, and completed. */
  handled: 8,
} as const

/**
 * What guards the exchanges of a leader: asked when an exchange enters and before each send that leaves the process.
 * A `Leadership` is one.
 */
export interface ExchangeGuard {
  /** Asked synchronously when an exchange enters the route. */
  accepts(): boolean
  /** Asked synchronously before each send that leaves the process. Once false, false for ever. */
  isValid(): boolean
  /** The leadership behind it, for components that fence their sink by its term. */
  readonly leadership?: Leadership | undefined
  /**
   * Counts work that goes on beside the exchange as in flight, until what it returns is called: a leader does not hand
   * over before. `drain` is called when the leadership is about to be handed over: let go of what is kept back, soon.
   */
  hold?(drain?: () => void): () => void
}

/** What exchanges take from their context; the same object for all of them. */
export interface ExchangeServices {
  readonly converters: TypeConverters
  readonly variables: VariableScopes
  /** A fresh exchange id. */
  nextId(): string
}

/** For exchanges that nothing can abort yet: those that no consumer made take the signal of the first route that they enter. */
export const NEVER: AbortSignal = new AbortController().signal

/**
 * A message on its way, with what belongs to the way: properties, variables, pattern, the failure.
 * Changed in place from step to step. Id, properties, variables and unit of work are made on first use.
 */
export class Exchange<B = unknown> {
  message: Message<B>
  pattern: ExchangePattern = 'InOnly'
  /** What went wrong, until an error handler dealt with it. Set it with {@link fail}. */
  exception: unknown = undefined
  /** Bits of {@link HALT}; the pipeline stops before the next step while it is not 0. */
  halt = 0
  /** The route whose consumer made this exchange. */
  readonly fromRouteId: string
  /** The endpoint whose consumer made this exchange: its normal form, secrets masked. Of a wrapped consumer its own, not the wrapper's. */
  fromEndpoint: string
  /** The leadership under which it entered; undefined outside a cluster. Copies keep it. */
  guard: ExchangeGuard | undefined = undefined
  /** Aborts when work on this exchange must end: the drain deadline passed, or its leadership ended. Pass it to what you await. */
  signal: AbortSignal = NEVER
  /** The endpoint that it was last sent to, secrets masked. Also the property `CamelToEndpoint`. */
  toEndpoint: string | undefined = undefined
  /** The step that it waits in, while it is asynchronous; for messages about what is still running. */
  suspendedAt: string | undefined = undefined
  /** Open calls from route to route; the engine limits them. */
  openCalls = 0
  readonly services: ExchangeServices
  #id: string | undefined
  #properties: Map<string, unknown> | undefined
  #variables: Map<string, unknown> | undefined
  #unitOfWork: UnitOfWork | undefined

  constructor(services: ExchangeServices, body: B, fromRouteId = '', fromEndpoint = '') {
    this.services = services
    this.message = new Message(body, services.converters)
    this.fromRouteId = fromRouteId
    this.fromEndpoint = fromEndpoint
  }

  /** Unique in the cluster: a random prefix per context and a counter. */
  get id(): string {
    this.#id ??= this.services.nextId()
    return this.#id
  }

  /** Shorthand for `message.body`. */
  get body(): B {
    return this.message.body
  }

  set body(body: B) {
    this.message.body = body
  }

  getBody(): B
  getBody<T extends ConversionTarget>(type: T): Converted<T> | undefined
  getBody(type?: ConversionTarget): unknown {
    return type === undefined ? this.message.body : this.message.getBody(type)
  }

  getProperty(name: string): unknown {
    return this.#properties?.get(name) ?? (name === NAMES.toEndpoint ? this.toEndpoint : undefined)
  }

  setProperty(name: string, value: unknown): this {
    this.#properties ??= new Map()
    this.#properties.set(name, value)
    return this
  }

  removeProperty(name: string): boolean {
    return this.#properties?.delete(name) ?? false
  }

  /** All properties, in the order of their setting. Empty and unshared where none was set. */
  get properties(): ReadonlyMap<string, unknown> {
    return this.#properties ?? new Map()
  }

  /** `name` of this exchange, `global:name` of the context, `route:name` of its own route, `route:id:name` of any. */
  getVariable(name: string): unknown {
    return name.includes(':') ? this.services.variables.get(name, this.fromRouteId) : this.#variables?.get(name)
  }

  /** Undefined removes it. Names as in {@link getVariable}. */
  setVariable(name: string, value: unknown): this {
    if (name.includes(':')) this.services.variables.set(name, value, this.fromRouteId)
    else if (value === undefined) this.#variables?.delete(name)
    else {
      this.#variables ??= new Map()
      this.#variables.set(name, value)
    }
    return this
  }

  /** The variables of this exchange alone. */
  get variables(): ReadonlyMap<string, unknown> {
    return this.#variables ?? new Map()
  }

  /** What is to happen when this exchange is done; ends exactly once, with `onComplete` or `onFailure`. */
  get unitOfWork(): UnitOfWork {
    this.#unitOfWork ??= new UnitOfWork()
    return this.#unitOfWork
  }

  /** Without making one. */
  get hasUnitOfWork(): boolean {
    return this.#unitOfWork !== undefined
  }

  /** Ends the exchange with this failure, past any error handler. */
  fail(error: unknown): void {
    this.exception = error
    this.halt |= HALT.exception
  }

  /** Whether it ended, or is about to end, with a failure that nobody dealt with. */
  get failed(): boolean {
    return (this.halt & (HALT.exception | HALT.rollback)) !== 0
  }

  /**
   * A new exchange with the same body, headers, properties, variables, pattern and guard, but an own id and unit of
   * work; it remembers this one's id as `CamelCorrelationId`. The body itself is shared.
   */
  copy(): Exchange<B> {
    const copy = new Exchange<B>(this.services, this.message.body, this.fromRouteId, this.fromEndpoint)
    copy.message = this.message.copy()
    copy.pattern = this.pattern
    copy.guard = this.guard
    copy.signal = this.signal
    copy.openCalls = this.openCalls
    if (this.#properties) copy.#properties = new Map(this.#properties)
    if (this.#variables) copy.#variables = new Map(this.#variables)
    copy.setProperty('CamelCorrelationId', this.id)
    return copy
  }
}

/** A step: changes the exchange in place. A returned thenable makes it asynchronous; any other value is ignored. */
export type Processor<B = unknown> = (exchange: Exchange<B>) => unknown
