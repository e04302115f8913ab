import { onAbort, sleep } from '../clock.ts'
import type { Consumer, Endpoint, Readiness } from '../component/contract.ts'
import type { RouteDefinition } from '../definition/route.ts'
import { DromedaryError, isDromedaryError, messageOf } from '../errors.ts'
import type { CompiledRoute } from './compile.ts'
import { Entry } from './entry.ts'
import type { EntryPlace, RouteStatistics } from './entry-place.ts'
import type { RouteHandle } from './route-handle.ts'
import type { RouteHoldings } from './route-holdings.ts'
import type { RouteStatus } from './route-status.ts'
import type { StepServices } from './step-services.ts'

export interface RouteParts {
  readonly id: string
  readonly definition: RouteDefinition & { readonly id: string }
  /** Whether somebody gave the id. */
  readonly named: boolean
  readonly endpoint: Endpoint
  /** That one and what it wraps. */
  readonly sources: ReadonlySet<Endpoint>
  /** What it has of its context. */
  readonly holdings: RouteHoldings
  readonly compiled: CompiledRoute
  /** What its steps do at start and stop. */
  readonly steps: StepServices
  readonly place: Omit<EntryPlace, 'run' | 'weight' | 'onState' | 'onReadiness' | 'endpointUri' | 'routeId'>
  readonly shutdownTimeoutMs: number
}

/** Beyond the deadline, for what the steps of a route then have to close. */
const STEPS_STOP_MS = 1_000

/** Orders the calls to one consumer: start, then quiesce, then close; never two at once, never close while start is pending. */
export class Route implements RouteHandle {
  readonly id: string
  readonly definition: RouteDefinition & { readonly id: string }
  readonly named: boolean
  readonly sources: ReadonlySet<Endpoint>
  readonly entry: Entry
  /** What was said last by hand; undefined: nothing. A route that takes the place of this one keeps to it. */
  wish: 'run' | 'rest' | undefined
  /** While routes are changed: the one that takes the place of this one. */
  successor: Route | undefined
  readonly #parts: RouteParts
  #status: RouteStatus = 'stopped'
  #consumer: Consumer
  #used = false
  /** Aborts the starts that were asked for since the last stop. */
  #starting = new AbortController()
  /** The route never starts again: why. */
  #over: string | undefined
  #queue: Promise<unknown> = Promise.resolve()
  #connection: string | undefined
  /** Asked for by a step; {@link #suspendedByPause}: done, so that the end of the pause ends it. */
  #isPaused = false
  #suspendedByPause = false
  /** Of the consumer, since it last began to consume. */
  #quiesced: Promise<void> | undefined
  #readiness: Readiness | undefined
  /** The consumer has joined, and has not started. */
  #joined = false

  constructor(parts: RouteParts) {
    this.id = parts.id
    this.definition = parts.definition
    this.named = parts.named
    this.sources = parts.sources
    this.#parts = parts
    this.entry = new Entry({
      ...parts.place,
      routeId: parts.id,
      endpointUri: parts.endpoint.uri,
      run: parts.compiled.run,
      weight: parts.compiled.weight,
      onState: (state, reason) => this.#connectionChanged(state, reason),
      onReadiness: readiness => this.#readinessChanged(readiness),
    })
    this.#consumer = this.#makeConsumer()
  }

  get status(): RouteStatus {
    return this.#status
  }

  get readiness(): Readiness | undefined {
    return this.#readiness
  }

  get statistics(): RouteStatistics {
    return this.entry.statistics
  }

  /** Whether only other routes of the context bring it exchanges. */
  get passive(): boolean {
    return this.#consumer.passive === true
  }

  /** What no other route of the context may consume. */
  get sole(): string | undefined {
    return this.#consumer.sole
  }

  /** Whether it takes exchanges, or a step has it pause. */
  get isRunning(): boolean {
    return /^(starting|started|resuming)$/.test(this.#status) || this.#suspendedByPause
  }

  /** Whether it is to run, as far as anybody has said. */
  get wanted(): boolean {
    return this.wish === undefined ? this.definition.autoStartup !== false : this.wish === 'run'
  }

  get isStopping(): boolean {
    return this.entry.draining || this.#status === 'stopping' || this.#status === 'suspending'
  }

  async start(): Promise<void> {
    this.#said('run')
    const { signal } = this.#starting
    await this.#enqueue(async () => {
      // It is being replaced: the change does what was said.
      if (this.successor === undefined) await this.#runNow(signal)
    })
  }

  async stop(timeoutMs = this.#parts.shutdownTimeoutMs): Promise<void> {
    this.#said('rest')
    await Promise.all([this.halt(timeoutMs), this.successor?.halt(timeoutMs)])
  }

  /** {@link start}, but not by hand. */
  run(): Promise<void> {
    const { signal } = this.#starting
    return this.#enqueue(() => this.#runNow(signal))
  }

  /** {@link stop}, but not by hand. */
  halt(timeoutMs = this.#parts.shutdownTimeoutMs): Promise<void> {
    this.#abortStarts()
    return this.#enqueue(async () => {
      const deadline = this.entry.clock.monotonic() + timeoutMs
      await this.#quiesceNow('stopping', deadline)
      await this.#finishNow(deadline)
    })
  }

  suspend(timeoutMs = this.#parts.shutdownTimeoutMs): Promise<void> {
    return this.#enqueue(async () => {
      const deadline = this.entry.clock.monotonic() + timeoutMs
      if (this.#suspendedByPause && this.#status === 'suspended') this.#become('suspending')
      else if (this.#status !== 'started') throw this.#wrongState('suspended')
      else await this.#quiesceNow('suspending', deadline)
      this.#suspendedByPause = false
      this.#said('rest')
      if (await this.#drained(deadline)) this.#become('suspended')
      else await this.#finishNow(deadline)
    })
  }

  resume(): Promise<void> {
    const { signal } = this.#starting
    return this.#enqueue(async () => {
      if (this.#over !== undefined || this.#status !== 'suspended') throw this.#wrongState('resumed')
      this.#said('run')
      // Whoever has to wait after that pauses it again.
      this.#isPaused = false
      if (!signal.aborted) await this.#resumeNow(signal)
    })
  }

  /**
   * The consumer takes nothing more until {@link unpause}, while what is under way goes on. One that only routes call stays
   * open: what calls it waits for what waits in here.
   */
  pause(): void {
    if (this.#isPaused || this.passive) return
    this.#isPaused = true
    const { signal } = this.#starting
    void this.#enqueue(async () => {
      if (this.#status !== 'started' || !this.#isPaused) return
      // It may have to wait for what it has handed in, and that may wait for the end of the pause.
      await orAborted(this.#quiesce(), signal)
      // The stop waits for the rest.
      if (signal.aborted) return
      this.entry.open = false
      this.#suspendedByPause = true
      this.#become('suspended')
    })
  }

  unpause(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    const { signal } = this.#starting
    const resumed = this.#enqueue(async () => {
      if (this.#over !== undefined || signal.aborted || this.#status !== 'suspended' || !this.#suspendedByPause) return
      await this.#resumeNow(signal)
    })
    resumed.catch(error => this.entry.reportError(error, `resuming route ${this.id} after a pause`))
  }

  /** The two halves of a stop, for a context that stops many routes: first none takes anything more … */
  quiesce(deadline: number): Promise<void> {
    this.neverAgain()
    return this.#enqueue(() => this.#quiesceNow('stopping', deadline))
  }

  /** … then each ends as soon as it has drained. */
  finish(deadline: number): Promise<void> {
    return this.#enqueue(() => this.#finishNow(deadline))
  }

  /** Starts that were asked for are given up, and none is made any more. */
  neverAgain(why = 'the context stops'): void {
    this.#over ??= why
    this.#abortStarts()
  }

  /**
   * Everything under way ends, and what steps keep is handed on, while it goes on taking more: for routes that only others
   * call, until all of them are empty.
   */
  drain(deadline: number): Promise<unknown> {
    this.entry.draining = true
    return this.#before(deadline, this.#emptied())
  }

  /** Starts the producers that its steps send to, if they have not started. */
  prepare(signal: AbortSignal): Promise<void> {
    return this.#parts.holdings.start(signal)
  }

  /** Before a start, while the route whose place it takes runs on. Never rejects; gives up at a stop, or by the deadline. */
  join(deadline: number): Promise<void> {
    const { signal } = this.#starting
    return this.#enqueue(async () => {
      if (this.#over !== undefined || signal.aborted || this.#status === 'started') return
      if (this.#used) this.#consumer = this.#makeConsumer()
      this.#used = false
      if (this.#consumer.join === undefined) return
      this.#joined = true
      const late = new AbortController()
      const forget = onAbort(signal, () => late.abort())
      const joining = this.#guarded(() => this.#consumer.join?.(late.signal), 'did not join')
      await this.#before(deadline, orAborted(joining, late.signal))
      late.abort()
      forget()
      await joining
    })
  }

  /** The one whose place it took has stopped. */
  inherit(): Promise<void> {
    return this.#parts.steps.inherit()
  }

  /** It has finished, or never started, and is no part of the context any more: lets go of what it has of it. */
  async release(): Promise<void> {
    this.#consumer.leave?.()
    await this.#parts.holdings.release()
  }

  async #runNow(signal: AbortSignal): Promise<void> {
    if (this.#over !== undefined) throw this.#wrongState(`started: ${this.#over}`)
    if (signal.aborted || this.#status === 'started') return
    if (this.#status === 'suspended') return this.#resumeNow(signal)
    await this.#startNow(signal)
  }

  #said(wish: 'run' | 'rest'): void {
    this.wish = wish
    if (this.successor) this.successor.wish = wish
  }

  #abortStarts(): void {
    this.#starting.abort()
    this.#starting = new AbortController()
  }

  async #startNow(signal: AbortSignal): Promise<void> {
    if (this.#used) this.#consumer = this.#makeConsumer()
    this.#used = true
    this.#joined = false
    this.entry.draining = false
    this.#quiesced = undefined
    this.#become('starting')
    this.#isPaused = false
    this.#suspendedByPause = false
    this.entry.rearm()
    try {
      await this.#parts.steps.start()
    } catch (error) {
      this.#become('failed', error)
      throw this.#startFailed(error)
    }
    this.entry.open = true
    await this.#orFailed(() => this.#consumer.start(signal))
  }

  async #resumeNow(signal: AbortSignal): Promise<void> {
    if (this.#consumer.resume === undefined) {
      // It is closed and made anew, and what it has brought in must have ended before; what steps keep stays.
      if (this.#suspendedByPause) await orAborted(this.entry.idle(), signal)
      if (signal.aborted) return
      const anew = this.#makeConsumer()
      await this.#closeNow(false)
      this.#consumer = anew
      this.entry.rearm()
    }
    this.#suspendedByPause = false
    this.#quiesced = undefined
    this.#become('resuming')
    this.entry.open = true
    const { resume } = this.#consumer
    await this.#orFailed(() => (resume ? resume.call(this.#consumer) : this.#consumer.start(signal)))
  }

  /** A consumer that did not start, or resume, is closed; exchanges that it brought in by then may still be under way. */
  async #orFailed(call: () => void | Promise<void>): Promise<void> {
    try {
      await call()
    } catch (error) {
      this.entry.open = false
      await this.#closeNow(this.entry.inFlight > 0)
      await this.#parts.steps.stop()
      this.#become('failed', error)
      throw this.#startFailed(error)
    }
    this.#become('started')
  }

  async #quiesceNow(via: RouteStatus, deadline: number): Promise<void> {
    if (this.#status !== 'started') return
    this.#become(via)
    await this.#before(deadline, this.#quiesce())
    this.entry.open = false
  }

  /** Once, however many ask for it. */
  #quiesce(): Promise<void> {
    this.#quiesced ??= this.#guarded(() => this.#consumer.quiesce(), 'did not quiesce')
    return this.#quiesced
  }

  async #finishNow(deadline: number): Promise<void> {
    if (this.#joined) {
      this.#joined = false
      this.#used = true
      await this.#closeNow(false)
    }
    if (this.#status === 'stopped') return
    const isClosed = this.#status === 'failed'
    if (isClosed && this.entry.inFlight === 0) return
    this.#become('stopping')
    this.entry.open = false
    const drained = await this.#before(deadline, this.#emptied())
    if (!drained) this.#giveUp()
    if (!isClosed) await this.#closeNow(!drained)
    await this.#before(deadline + STEPS_STOP_MS, this.#parts.steps.stop())
    this.#become('stopped')
  }

  /** Everything under way has ended, and then what steps had kept back. */
  async #emptied(): Promise<void> {
    const { signal } = this.entry
    const idle = () => this.entry.idle()
    await this.#quiesced
    await idle()
    // It was ended by force, and may have started again.
    if (signal.aborted) return
    await this.#parts.steps.drain(idle)
  }

  /** Whether everything under way ended in time. */
  #drained(deadline: number): Promise<boolean> {
    return this.#before(deadline, this.entry.idle())
  }

  async #before(deadline: number, work: Promise<unknown>): Promise<boolean> {
    const { clock } = this.entry
    const timer = new AbortController()
    const late = sleep(clock, Math.max(0, deadline - clock.monotonic()), timer.signal).then(() => false)
    const inTime = await Promise.race([work.then(() => true), late])
    timer.abort()
    return inTime
  }

  #giveUp(): void {
    const { running, inFlight } = this.entry
    const list = running.length > 10 ? [...running.slice(0, 10), `and ${running.length - 10} more`] : running
    const error = new DromedaryError(
      'DROMEDARY_SHUTDOWN_TIMEOUT',
      `route ${this.id} is ended by force; ${inFlight} still running: ${list.join(', ')}`,
    )
    this.entry.log.warn(error.message)
    this.entry.abort(error)
  }

  #closeNow(forced: boolean): Promise<void> {
    return this.#guarded(() => this.#consumer.close(forced), 'did not close')
  }

  async #guarded(call: () => void | Promise<void>, what: string): Promise<void> {
    try {
      await call()
    } catch (error) {
      this.entry.log.warn(`the consumer of route ${this.id} ${what}: ${messageOf(error)}`, { error })
    }
  }

  #makeConsumer(): Consumer {
    const { endpoint } = this.#parts
    if (endpoint.consumer === undefined) {
      const message = `route ${this.id} consumes from ${endpoint.uri}, which can only be sent to`
      throw new DromedaryError('DROMEDARY_UNSUPPORTED', message)
    }
    return endpoint.consumer(this.entry)
  }

  #readinessChanged(readiness: Readiness): void {
    if (readiness === this.#readiness) return
    this.#readiness = readiness
    this.#parts.place.events.tell({ type: 'readiness', routeId: this.id, readiness })
  }

  #connectionChanged(state: 'connected' | 'disconnected', reason: unknown): void {
    if (this.#connection === state) return
    this.#connection = state
    const why = reason === undefined ? '' : `: ${messageOf(reason)}`
    if (state === 'connected') this.entry.log.info(`${this.#parts.endpoint.uri} is connected${why}`)
    else this.entry.log[this.isStopping ? 'info' : 'warn'](`${this.#parts.endpoint.uri} is disconnected${why}`)
  }

  #startFailed(cause: unknown): DromedaryError {
    if (isDromedaryError(cause)) return cause
    const message = `route ${this.id} could not start from ${this.#parts.endpoint.uri}: ${messageOf(cause)}`
    return new DromedaryError('DROMEDARY_START_FAILED', message, { cause })
  }

  #wrongState(what: string): DromedaryError {
    return new DromedaryError('DROMEDARY_INVALID_STATE', `route ${this.id} is ${this.#status}: it cannot be ${what}`)
  }

  #become(status: RouteStatus, error?: unknown): void {
    if (this.#status === status) return
    this.#status = status
    if (status === 'stopped' || status === 'failed') this.#readiness = undefined
    const event = { type: 'route', routeId: this.id, status } as const
    this.#parts.place.events.tell(error === undefined ? event : { ...event, error })
  }

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work)
    this.#queue = result.catch(() => {})
    return result
  }
}

/** Waits for what never rejects, at the longest until the signal aborts. */
const orAborted = (work: Promise<unknown>, signal: AbortSignal): Promise<void> =>
  signal.aborted
    ? Promise.resolve()
    : new Promise(resolve => {
        const forget = onAbort(signal, resolve)
        void work.then(() => {
          forget()
          resolve()
        })
      })
