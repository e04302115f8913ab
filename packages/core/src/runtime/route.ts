import type { Endpoint, Readiness } from '../component/contract.ts'
import { errorAt } from '../definition/places.ts'
import type { RouteDefinition } from '../definition/route.ts'
import { DromedaryError, isDromedaryError, messageOf } from '../errors.ts'
import { before, orAborted } from './before.ts'
import type { CompiledRoute } from './compile.ts'
import { Entry } from './entry.ts'
import type { EntryPlace, RouteStatistics } from './entry-place.ts'
import { RouteConsumer } from './route-consumer.ts'
import type { RouteHandle } from './route-handle.ts'
import type { RouteHoldings } from './route-holdings.ts'
import { RouteNews } from './route-news.ts'
import type { RouteStatus } from './route-status.ts'
import type { StepServices } from './step-services.ts'
import { Wish } from './wish.ts'

export interface RouteParts {
  readonly id: string
  readonly definition: RouteDefinition & { readonly id: string }
  /** Whether somebody gave the id. */
  readonly named: boolean
  readonly endpoint: Endpoint
  /** That one and what it wraps: URIs without options. */
  readonly sources: ReadonlySet<string>
  /** What it has of its context. */
  readonly holdings: RouteHoldings
  readonly compiled: CompiledRoute
  /** What its steps do at start and stop. */
  readonly steps: StepServices
  readonly place: Omit<EntryPlace, 'run' | 'weight' | 'onState' | 'onReadiness' | 'endpointUri' | 'routeId'>
  readonly shutdownTimeoutMs: number
}

/** What a start waits for when its steps have started, before it opens. */
export type Opening = (starts: AbortSignal) => Promise<void>

/** Beyond the deadline, for what the steps of a route then have to close. */
const STEPS_STOP_MS = 1_000

/** Orders the calls to one consumer: start, then quiesce, then close; never two at once, never close while start is pending. */
export class Route implements RouteHandle {
  readonly id: string
  readonly definition: RouteDefinition & { readonly id: string }
  readonly named: boolean
  readonly sources: ReadonlySet<string>
  readonly entry: Entry
  /** What was said by hand: of this one, and of those whose place it took. */
  wish = new Wish()
  /** While a change replaces or removes it: the change alone starts it. */
  yields = false
  /** The one that then has its id, if there is one. */
  successor: Route | undefined
  /** One that comes takes its place. */
  replaced = false
  /** What came in its place with a change that failed, and does not close: it cannot start before they have. */
  readonly blockers = new Set<Route>()
  readonly news: RouteNews
  readonly #parts: RouteParts
  readonly #consumer: RouteConsumer
  /** Aborts the starts that were asked for since the last stop. */
  #starting = new AbortController()
  /** The route never starts again: why. */
  #over: string | undefined
  #queue: Promise<unknown> = Promise.resolve()
  /** Asked for by a step; {@link #suspendedByPause}: done, so that the end of the pause ends it. */
  #isPaused = false
  #suspendedByPause = false

  constructor(parts: RouteParts) {
    this.id = parts.id
    this.definition = parts.definition
    this.named = parts.named
    this.sources = parts.sources
    this.#parts = parts
    const { uri } = parts.endpoint
    this.news = new RouteNews(parts.id, uri, parts.place.events, parts.place.log)
    this.entry = new Entry({
      ...parts.place,
      routeId: parts.id,
      endpointUri: uri,
      run: parts.compiled.run,
      weight: parts.compiled.weight,
      onState: (state, reason) => this.news.connection(state, reason),
      onReadiness: readiness => this.news.ready(readiness),
    })
    this.#consumer = new RouteConsumer(parts.endpoint, this.entry)
  }

  get status(): RouteStatus {
    return this.news.status
  }

  get readiness(): Readiness | undefined {
    return this.news.readiness
  }

  get statistics(): RouteStatistics {
    return this.entry.statistics
  }

  /** Whether only other routes of the context bring it exchanges. */
  get passive(): boolean {
    return this.#consumer.passive
  }

  /** What no other route of the context may consume. */
  get sole(): string | undefined {
    return this.#consumer.sole
  }

  /** It takes part beside the one whose place it takes, and has not started. */
  get hasJoined(): boolean {
    return this.#consumer.hasJoined
  }

  /** Whether it takes exchanges, or a step has it pause. */
  get isRunning(): boolean {
    return /^(starting|started|resuming)$/.test(this.status) || this.#isPausedByStep
  }

  /** Whether it is to run, as far as anybody has said. */
  get wanted(): boolean {
    const { value } = this.wish
    return value === undefined ? this.definition.autoStartup !== false : value === 'run'
  }

  get isStopping(): boolean {
    return this.entry.draining || this.status === 'stopping' || this.status === 'suspending'
  }

  async start(): Promise<void> {
    this.#say('run')
    const { signal } = this.#starting
    await this.#enqueue(async () => {
      // Else the change does what was said.
      if (!this.yields) await this.#runNow(signal)
    })
  }

  async stop(timeoutMs = this.#parts.shutdownTimeoutMs): Promise<void> {
    this.#say('rest')
    await Promise.all([this.halt(timeoutMs), this.successor?.halt(timeoutMs)])
  }

  /** {@link start}, but not by hand: one that a step has pause runs. */
  run(opening?: Opening): Promise<void> {
    const { signal } = this.#starting
    return this.#enqueue(async () => {
      if (!this.#isPausedByStep) await this.#runNow(signal, opening)
    })
  }

  /** {@link stop}, but not by hand. */
  halt(timeoutMs = this.#parts.shutdownTimeoutMs): Promise<void> {
    this.abortStarts()
    return this.#enqueue(async () => {
      const deadline = this.entry.clock.monotonic() + timeoutMs
      await this.#quiesceNow('stopping', deadline)
      await this.#finishNow(deadline)
    })
  }

  async suspend(timeoutMs = this.#parts.shutdownTimeoutMs): Promise<void> {
    const takeBack = this.#say('rest')
    await this.#enqueue(async () => {
      const deadline = this.entry.clock.monotonic() + timeoutMs
      if (this.#suspendedByPause && this.status === 'suspended') this.news.become('suspending')
      else if (this.status !== 'started') {
        takeBack()
        throw this.#wrongState('suspended')
      } else await this.#quiesceNow('suspending', deadline)
      this.#suspendedByPause = false
      if (await this.#drained(deadline)) this.news.become('suspended')
      else await this.#finishNow(deadline)
    })
    // It may have joined.
    if (this.wish.value === 'rest') await this.successor?.halt(timeoutMs)
  }

  resume(): Promise<void> {
    const { signal } = this.#starting
    const takeBack = this.#say('run')
    return this.#enqueue(async () => {
      if (this.#over !== undefined || this.status !== 'suspended') {
        takeBack()
        throw this.#wrongState('resumed')
      }
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
      if (this.status !== 'started' || !this.#isPaused) return
      // It may have to wait for what it has handed in, and that may wait for the end of the pause.
      await orAborted(this.#consumer.quiesce(), signal)
      // The stop waits for the rest.
      if (signal.aborted) return
      this.entry.open = false
      this.#suspendedByPause = true
      this.news.become('suspended')
    })
  }

  unpause(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    const { signal } = this.#starting
    const resumed = this.#enqueue(async () => {
      if (this.#over !== undefined || signal.aborted || this.status !== 'suspended' || !this.#suspendedByPause) return
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

  /** Aborts when the starts that are asked for now are given up. */
  get starts(): AbortSignal {
    return this.#starting.signal
  }

  /** Starts that were asked for are given up. */
  abortStarts(): void {
    this.#starting.abort()
    this.#starting = new AbortController()
  }

  /** Starts that were asked for are given up, and none is made any more. */
  neverAgain(why = 'the context stops'): void {
    this.#over ??= why
    this.abortStarts()
  }

  /**
   * Everything under way ends, and what steps keep is handed on, while it goes on taking more: for routes that only others
   * call, until all of them are empty.
   */
  drain(deadline: number): Promise<unknown> {
    this.entry.draining = true
    return this.#before(deadline, this.#emptied())
  }

  /** It is one of the context's routes from now on. */
  adopt(): void {
    this.#parts.place.position?.use()
  }

  /** Starts the producers that its steps send to, if they have not started. */
  prepare(signal: AbortSignal): Promise<void> {
    return this.#parts.holdings.start(signal)
  }

  /** Before a start, while the route whose place it takes runs on. Never rejects; gives up at a stop, or by the deadline. */
  join(deadline: number): Promise<void> {
    const { signal } = this.#starting
    return this.#enqueue(async () => {
      if (this.#over !== undefined || signal.aborted || this.status === 'started') return
      await this.#consumer.join(deadline, signal)
    })
  }

  /** What {@link join} has begun is given up at once; the start does without. */
  disjoin(): Promise<void> {
    return this.#enqueue(() => this.#consumer.disjoin(true))
  }

  /** The one whose place it took has stopped. */
  inherit(): Promise<void> {
    return this.#parts.steps.inherit()
  }

  /** The first half of {@link release}, where something is still under way. */
  leave(): void {
    this.#consumer.leave()
  }

  /** It has finished, or never started, and is no part of the context any more: lets go of what it has of it. */
  async release(): Promise<void> {
    this.leave()
    // Whoever holds this one holds no other.
    this.news.givesWayTo(undefined)
    await this.#parts.holdings.release()
  }

  get #isPausedByStep(): boolean {
    return this.#suspendedByPause && this.status === 'suspended'
  }

  async #runNow(signal: AbortSignal, opening?: Opening): Promise<void> {
    if (this.#over !== undefined) throw this.#wrongState(`started: ${this.#over}`)
    if (signal.aborted || this.status === 'started') return
    if (this.status === 'suspended') return this.#resumeNow(signal)
    if (this.blockers.size > 0) throw this.#wrongState('started: what came in its place has not closed yet')
    await this.#startNow(signal, opening)
  }

  /** One that has been replaced has no say in what took its place. */
  #say(wish: 'run' | 'rest'): () => void {
    return this.#over === undefined ? this.wish.say(wish) : () => {}
  }

  async #startNow(signal: AbortSignal, opening?: Opening): Promise<void> {
    this.entry.draining = false
    this.news.become('starting')
    this.#isPaused = false
    this.#suspendedByPause = false
    this.entry.rearm()
    try {
      this.#consumer.renew()
      await this.#parts.steps.start()
    } catch (error) {
      await this.#consumer.disjoin()
      this.news.become('failed', error)
      throw this.#startFailed(error)
    }
    await opening?.(signal)
    if (signal.aborted) return this.#givenUp()
    this.entry.open = true
    await this.#orFailed(() => this.#consumer.start(signal))
  }

  /** Its steps had started, and nothing else. */
  async #givenUp(): Promise<void> {
    await this.#consumer.disjoin()
    await this.#parts.steps.stop()
    this.news.become('stopped')
  }

  async #resumeNow(signal: AbortSignal): Promise<void> {
    const { canResume } = this.#consumer
    if (!canResume) {
      // It is closed and made anew, and what it has brought in must have ended before; what steps keep stays.
      if (this.#suspendedByPause) await orAborted(this.entry.idle(), signal)
      if (signal.aborted) return
      await this.#consumer.replace()
      if (signal.aborted) return
      this.entry.rearm()
    }
    this.#suspendedByPause = false
    this.news.become('resuming')
    this.entry.open = true
    await this.#orFailed(() => (canResume ? this.#consumer.resume() : this.#consumer.start(signal)))
  }

  /** A consumer that did not start, or resume, is closed; exchanges that it brought in by then may still be under way. */
  async #orFailed(call: () => void | Promise<void>): Promise<void> {
    try {
      await call()
    } catch (error) {
      this.entry.open = false
      await this.#consumer.close(this.entry.inFlight > 0)
      await this.#parts.steps.stop()
      this.news.become('failed', error)
      throw this.#startFailed(error)
    }
    this.news.become('started')
  }

  async #quiesceNow(via: RouteStatus, deadline: number): Promise<void> {
    if (this.status !== 'started') return
    this.news.become(via)
    await this.#before(deadline, this.#consumer.quiesce())
    this.entry.open = false
  }

  async #finishNow(deadline: number): Promise<void> {
    await this.#consumer.disjoin()
    if (this.status === 'stopped') return
    const isClosed = this.status === 'failed'
    if (isClosed && this.entry.inFlight === 0) return
    this.news.become('stopping')
    this.entry.open = false
    // After a drain only a circle of calls has left something with its steps, and there is nobody any more to take it.
    const drained = await this.#before(deadline, this.entry.draining ? this.entry.idle() : this.#emptied())
    if (!drained) this.#giveUp()
    if (!isClosed) await this.#consumer.close(!drained)
    await this.#before(deadline + STEPS_STOP_MS, this.#parts.steps.stop())
    this.news.become('stopped')
  }

  /** Everything under way has ended, and then what steps had kept back. */
  async #emptied(): Promise<void> {
    const { signal } = this.entry
    const idle = () => this.entry.idle()
    await this.#consumer.quiesced
    await idle()
    // It was ended by force, and may have started again.
    if (signal.aborted) return
    await this.#parts.steps.drain(idle)
  }

  /** Whether everything under way ended in time. */
  #drained(deadline: number): Promise<boolean> {
    return this.#before(deadline, this.entry.idle())
  }

  #before(deadline: number, work: Promise<unknown>): Promise<boolean> {
    return before(this.entry.clock, deadline, work)
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

  #startFailed(cause: unknown): unknown {
    const { from } = this.definition
    if (isDromedaryError(cause)) return errorAt(from, cause)
    const message = `route ${this.id} could not start from ${this.#parts.endpoint.uri}: ${messageOf(cause)}`
    return errorAt(from, new DromedaryError('DROMEDARY_START_FAILED', message, { cause }))
  }

  #wrongState(what: string): DromedaryError {
    return new DromedaryError('DROMEDARY_INVALID_STATE', `route ${this.id} is ${this.status}: it cannot be ${what}`)
  }

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work)
    this.#queue = result.catch(() => {})
    return result
  }
}
