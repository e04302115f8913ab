import {
  type Clock,
  type ClockTimer,
  type Context,
  createLogger,
  type Logger,
  type LogSink,
  maskSecrets,
  messageOf,
} from '@dromedary/core'
import type { ClusterService } from '@dromedary/core/cluster'
import type { OverdueWork } from './health/live.ts'
import { readyChecks } from './health/ready.ts'
import { ClusterWatch } from './leadership/cluster-watch.ts'
import { clusterChecks, leaderView } from './leadership/view.ts'
import { metricsOf } from './metrics/metrics.ts'
import { RouteTimers } from './metrics/route-timer.ts'
import { type ObserveOptions, observeOptions } from './options.ts'
import { ProbeThread } from './server/probe-thread.ts'
import { PULSE_MS } from './server/protocol.ts'

export type { OverdueWork } from './health/live.ts'

/** What it gets besides its options. */
export interface ObservationGiven {
  /** Of the application and its context. */
  readonly name: string
  readonly clock: Clock
  readonly log: LogSink
}

/** Looks at one application, and answers over HTTP. It changes nothing of what it looks at. */
export class Observation {
  /** For the context: `ContextOptions.meter`. */
  readonly meter = new RouteTimers()
  readonly #options: ObserveOptions
  readonly #clock: Clock
  readonly #log: Logger
  readonly #cluster: ClusterWatch
  /** Why routes could not start. */
  readonly #failures = new Map<string, string>()
  readonly #overdue = new Set<OverdueWork>()
  #thread: ProbeThread | undefined
  #timer: ClockTimer | undefined

  constructor(options: ObserveOptions, { name, clock, log }: ObservationGiven) {
    this.#options = options
    this.#clock = clock
    this.#log = createLogger(log, 'observe', { context: name })
    this.#cluster = new ClusterWatch(clock)
  }

  /** The same cluster service, looked at: give it to the context instead. */
  watch(service: ClusterService): ClusterService {
    return this.#cluster.watch(service)
  }

  /** Work goes on beyond the end of its term: liveness fails until what this returns is called. */
  overran(work: OverdueWork): () => void {
    this.#overdue.add(work)
    this.#thread?.overdue([...this.#overdue])
    return () => {
      this.#overdue.delete(work)
      this.#thread?.overdue([...this.#overdue])
    }
  }

  /**
   * Listens; before the context starts, so that probes are answered meanwhile. Rejects with `DROMEDARY_OBSERVE_ADDRESS`
   * when it cannot.
   */
  async start(context: Context): Promise<void> {
    context.events.subscribe(event => {
      if (event.type !== 'route') return
      if (event.error === undefined) this.#failures.delete(event.routeId)
      else this.#failures.set(event.routeId, maskSecrets(messageOf(event.error)))
    })
    const metrics = metricsOf(context, this.meter, this.#cluster)
    const ready = () => readyChecks(context, this.#failures)
    const thread = new ProbeThread({
      options: this.#options,
      respond: {
        ready,
        health: () => [...ready(), ...clusterChecks(this.#cluster)],
        leader: () => leaderView(this.#cluster),
        metrics,
      },
      clock: this.#clock,
      log: this.#log,
    })
    this.#thread = thread
    this.#pulse(thread)
    try {
      const address = await thread.start()
      this.#log.info(`health, leader and metrics are told at ${address}/observe`)
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  /** After the context has stopped. Idempotent. */
  async stop(): Promise<void> {
    this.#timer?.cancel()
    await this.#thread?.stop()
  }

  #pulse(thread: ProbeThread): void {
    thread.pulse()
    this.meter.pulse()
    this.#timer = this.#clock.setTimeout(() => this.#pulse(thread), PULSE_MS).unref()
  }
}

/** What `runApplication({ observability })` of `@dromedary/main` loads when `observe.enabled` is true. */
export const observability = {
  schema: observeOptions,
  /** Opens nothing yet. */
  create: (options: ObserveOptions, given: ObservationGiven): Observation => new Observation(options, given),
}
