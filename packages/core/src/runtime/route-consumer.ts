import { onAbort } from '../clock.ts'
import type { Consumer, Endpoint } from '../component/contract.ts'
import { DromedaryError, messageOf } from '../errors.ts'
import { before, orAborted } from './before.ts'
import type { Entry } from './entry.ts'

/** The consumer of one route, made anew for each start. What its quiesce and close throw is logged. */
export class RouteConsumer {
  readonly #endpoint: Endpoint
  readonly #entry: Entry
  #consumer: Consumer
  /** It has been started. */
  #used = false
  /** It has joined, and has not been started. */
  #joined = false
  #quiesced: Promise<void> | undefined
  #hasLeft = false

  constructor(endpoint: Endpoint, entry: Entry) {
    this.#endpoint = endpoint
    this.#entry = entry
    this.#consumer = this.#make()
  }

  /** Whether only other routes of the context bring it exchanges. */
  get passive(): boolean {
    return this.#consumer.passive === true
  }

  /** What no other route of the context may consume. */
  get sole(): string | undefined {
    return this.#consumer.sole
  }

  get canResume(): boolean {
    return this.#consumer.resume !== undefined
  }

  /** And neither started since, nor been given up. */
  get hasJoined(): boolean {
    return this.#joined
  }

  /** Since it last began to consume. */
  get quiesced(): Promise<void> | undefined {
    return this.#quiesced
  }

  /** A new one where this one has been used. Throws what the component throws. */
  renew(): void {
    if (this.#used) this.#consumer = this.#make()
    this.#used = false
    this.#quiesced = undefined
  }

  /** Closes this one, and puts a new one in its place. Throws what the component throws. */
  async replace(): Promise<void> {
    const anew = this.#make()
    await this.close(false)
    this.#consumer = anew
    this.#used = false
    this.#quiesced = undefined
  }

  /** Gives up on the signal, and by the deadline. Never rejects. */
  async join(deadline: number, signal: AbortSignal): Promise<void> {
    try {
      this.renew()
    } catch {
      // The start says so.
      return
    }
    if (this.#consumer.join === undefined) return
    this.#joined = true
    const late = new AbortController()
    const forget = onAbort(signal, () => late.abort())
    const joining = this.#guarded(() => this.#consumer.join?.(late.signal), 'did not join')
    await before(this.#entry.clock, deadline, orAborted(joining, late.signal))
    // One that does not heed it is not waited for: the start does without.
    late.abort()
    forget()
  }

  start(signal: AbortSignal): void | Promise<void> {
    this.#used = true
    this.#joined = false
    return this.#consumer.start(signal)
  }

  resume(): void | Promise<void> {
    this.#quiesced = undefined
    return this.#consumer.resume?.()
  }

  /** Once, however many ask for it. */
  quiesce(): Promise<void> {
    this.#quiesced ??= this.#guarded(() => this.#consumer.quiesce(), 'did not quiesce')
    return this.#quiesced
  }

  /** Nothing for one that has neither started nor joined. */
  async close(forced: boolean): Promise<void> {
    if (!this.#used) return
    await this.#guarded(() => this.#consumer.close(forced), 'did not close')
  }

  /** What {@link join} has begun, when no start follows. */
  async disjoin(forced = false): Promise<void> {
    if (!this.#joined) return
    this.#joined = false
    this.#used = true
    await this.close(forced)
  }

  /** Its route is no part of the context any more. Once, however many say so. */
  leave(): void {
    if (this.#hasLeft) return
    this.#hasLeft = true
    this.#consumer.leave?.()
  }

  async #guarded(call: () => void | Promise<void>, what: string): Promise<void> {
    try {
      await call()
    } catch (error) {
      const { log, routeId } = this.#entry
      log.warn(`the consumer of route ${routeId} ${what}: ${messageOf(error)}`, { error })
    }
  }

  #make(): Consumer {
    if (this.#endpoint.consumer) return this.#endpoint.consumer(this.#entry)
    const message = `route ${this.#entry.routeId} consumes from ${this.#endpoint.uri}, which can only be sent to`
    throw new DromedaryError('DROMEDARY_UNSUPPORTED', message)
  }
}
