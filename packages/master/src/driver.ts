import type { Leadership } from '@dromedary/core/cluster'
import { type ClockTimer, type Consumer, type Endpoint, messageOf, type RouteEntry } from '@dromedary/core/component'
import { type Effect, IDLE, type MachineEvent, type MachineState, type Stage, step } from './machine.ts'
import type { MasterSettings } from './settings.ts'
import { TermWork, whenAborted } from './term-work.ts'

/** No deadline of its own: the hard end or the shutdown deadline comes first. */
const UNTIL_DRAINED = Number.POSITIVE_INFINITY

/** Carries out what the machine says, and feeds it what happened. */
export class MachineDriver {
  readonly #entry: RouteEntry
  readonly #settings: MasterSettings
  readonly #queue: MachineEvent<Leadership>[] = []
  readonly #waiting = new Set<() => void>()
  #state: MachineState<Leadership> = IDLE
  #busy = false
  #work: TermWork | undefined
  #retry: ClockTimer | undefined
  #failure: unknown
  readonly #delegate: Endpoint
  /** The newest consumer of the delegate, closed or not. */
  #newest: Consumer | undefined

  constructor(entry: RouteEntry, settings: MasterSettings) {
    this.#entry = entry
    this.#settings = settings
    this.#delegate = { uri: settings.delegate.uri, consumer: within => this.#anew(within) }
  }

  get state(): MachineState<Leadership> {
    return this.#state
  }

  /** The route is no part of the context any more. */
  leave(): void {
    this.#newest?.leave?.()
    this.#newest = undefined
  }

  /** One after the other: what was noted down of the former goes when there is that of the newer. */
  #anew(within: RouteEntry): Consumer {
    const former = this.#newest
    const { delegate } = this.#settings
    // That it has one was checked with the endpoint.
    const consumer = (delegate.consumer as NonNullable<Endpoint['consumer']>).call(delegate, within)
    this.#newest = consumer
    former?.leave?.()
    return consumer
  }

  /** The current term takes no more exchanges. */
  shut(): void {
    this.#work?.shut()
  }

  /** The shutdown deadline has passed: what is still under way is waited for no longer, and is not valid any more. */
  force(): void {
    this.#work?.end()
    this.dispatch({ type: 'force' })
  }

  /** Resolves when it is in one of the stages. */
  until(...stages: Stage[]): Promise<void> {
    return this.#when(({ stage }) => stages.includes(stage))
  }

  /** Resolves when it is idle; past the hard end or the shutdown deadline also when what is left cannot be ended. */
  done(): Promise<void> {
    return this.#when(
      ({ stage, forced }) => stage === 'idle' || (forced && (stage === 'leftover' || stage === 'aborting')),
    )
  }

  #when(holds: (state: MachineState<Leadership>) => boolean): Promise<void> {
    if (holds(this.#state)) return Promise.resolve()
    return new Promise(resolve => {
      const look = () => {
        if (!holds(this.#state)) return
        this.#waiting.delete(look)
        resolve()
      }
      this.#waiting.add(look)
    })
  }

  /** One event after the other: what an effect causes at once comes after the effects that stand beside it. */
  dispatch(event: MachineEvent<Leadership>): void {
    this.#queue.push(event)
    if (this.#busy) return
    this.#busy = true
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
      const [state, effects] = step(this.#state, next, this.#settings.backOffMaxAttempts)
      this.#state = state
      for (const effect of effects) {
        try {
          this.#perform(effect)
        } catch (error) {
          // Of a cluster service that throws: the machine goes on, else the route could never stop.
          this.#entry.reportError(error, `${effect.type} for ${this.#settings.namespace}`)
        }
      }
      for (const look of [...this.#waiting]) look()
    }
    this.#busy = false
  }

  #perform(effect: Effect<Leadership>): void {
    const { clock, routeId } = this.#entry
    const { delegate, backOffDelay } = this.#settings
    if (effect.type === 'open') this.#work = new TermWork(this.#entry, this.#delegate, effect.leadership)
    else if (effect.type === 'start') this.#start()
    else if (effect.type === 'abort-start') this.#work?.abortStart()
    else if (effect.type === 'wait-retry') {
      this.#retry = clock.setTimeout(() => this.dispatch({ type: 'retry' }), backOffDelay)
    } else if (effect.type === 'cancel-retry') this.#retry?.cancel()
    else if (effect.type === 'quiesce') this.#attempt('quiescing', work => work.quiesce(), { type: 'quiesced' })
    else if (effect.type === 'drain') {
      this.#drain(work => (work.lost ? work.leadership.remainingMs() : UNTIL_DRAINED))
    } else if (effect.type === 'await-leftover') this.#drain(() => UNTIL_DRAINED)
    else if (effect.type === 'close') {
      this.#attempt('closing', work => work.close(effect.forced), { type: 'delegate-closed' })
    } else if (effect.type === 'hard-end') this.#hardEnd()
    else if (effect.type === 'drained') this.#drained(effect.leadership)
    else
      effect.leadership.resign(`${delegate.uri} of route ${routeId} could not be started: ${messageOf(this.#failure)}`)
  }

  /** What comes back after another term has begun is dropped. What is not asynchronous does not become so. */
  #run<T>(
    call: (work: TermWork) => T | Promise<T>,
    then: (work: TermWork, value: T) => void,
    failed: (error: unknown) => void,
  ): void {
    const work = this.#work
    if (!work) return
    const done = (value: T) => (this.#work === work ? then(work, value) : undefined)
    const broken = (error: unknown) => (this.#work === work ? failed(error) : undefined)
    try {
      const result = call(work)
      if (isThenable(result)) void result.then(done, broken)
      else done(result)
    } catch (error) {
      broken(error)
    }
  }

  /** A failure here changes nothing: the delegate is on its way out. */
  #attempt(doing: string, call: (work: TermWork) => void | Promise<void>, event: MachineEvent<Leadership>): void {
    this.#run(
      call,
      () => this.dispatch(event),
      error => {
        this.#entry.log.warn(`${doing} ${this.#settings.delegate.uri} failed: ${messageOf(error)}`, { error })
        this.dispatch(event)
      },
    )
  }

  #drain(budget: (work: TermWork) => number): void {
    this.#run(
      work => (work.inFlight === 0 ? 0 : work.drained(budget(work))),
      (_, left) => this.dispatch({ type: 'drained', left }),
      error => this.#entry.log.error(`draining failed: ${messageOf(error)}`, { error }),
    )
  }

  #start(): void {
    this.#run(
      work => work.start(),
      work => this.#started(work),
      error => this.#startFailed(error),
    )
  }

  #started(work: TermWork): void {
    if (!this.#state.lost) {
      const { delegate, namespace } = this.#settings
      work.consumes = true
      this.#entry.reportReadiness('leading')
      this.#entry.log.info(`consuming from ${delegate.uri} as leader of ${namespace}, term ${work.leadership.term}`)
    }
    this.dispatch({ type: 'started' })
  }

  #startFailed(error: unknown): void {
    this.#failure = error
    const { delegate, namespace, backOffMaxAttempts } = this.#settings
    const { attempts, lost } = this.#state
    if (!lost) {
      const of = backOffMaxAttempts === 0 ? '' : ` of ${backOffMaxAttempts}`
      this.#entry.reportError(error, `starting ${delegate.uri} as leader of ${namespace}, attempt ${attempts}${of}`)
    }
    this.dispatch({ type: 'start-failed' })
  }

  #hardEnd(): void {
    const work = this.#work
    if (!work || work.inFlight === 0) return
    const { routeId, log } = this.#entry
    const { namespace, onOverrun } = this.#settings
    const overrun = { routeId, namespace, term: work.leadership.term, inFlight: work.inFlight }
    log.error(
      `${overrun.inFlight} exchanges of term ${overrun.term} were still running when the leadership of ${namespace} ended: they may overlap with the next leader's`,
    )
    try {
      onOverrun?.(overrun)
    } catch (error) {
      log.error(`onOverrun failed: ${messageOf(error)}`, { error })
    }
  }

  /** The service releases when the last participant says so, and takes it only from a leadership that has closed. */
  #drained(leadership: Leadership): void {
    if (this.#state.stage === 'idle') this.#entry.reportReadiness('standby-ready')
    const work = this.#work
    if (work?.leadership === leadership) {
      work.shut()
      this.#work = undefined
    }
    whenAborted(leadership.closing, () => {
      if (work?.leadership === leadership && work.consumes) {
        const { delegate, namespace } = this.#settings
        const why = String(leadership.closing.reason)
        this.#entry.log.info(`stopped consuming from ${delegate.uri} (${why}), term ${leadership.term} of ${namespace}`)
      }
      leadership.drained()
    })
  }
}

function isThenable<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as { then?: unknown } | undefined)?.then === 'function'
}
