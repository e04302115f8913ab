import { type Context, createLogger, formatDuration, type Logger, type LogSink, systemClock } from '@dromedary/core'
import { type ApplicationOptions, type Assembled, assemble, type Live } from './assemble.ts'
import type { Overrun } from './cluster/overrun.ts'
import { devHost } from './dev/host.ts'
import { createLineOutput } from './logging/output.ts'
import { createTextSink } from './logging/text.ts'
import { exitCodeOf, onStopSignal, type StopSignal } from './stop-signals.ts'

/** How long handles that somebody left open may keep a stopped process. */
const LEFTOVER_MS = 500
/** How long a stop may take beyond the shutdown time-out: closing what has been forced. */
export const STOP_MARGIN_MS = 5_000

/**
 * Runs an application in this process until it is asked to stop: reads the configuration, starts the routes, and on
 * SIGINT, SIGTERM or SIGHUP drains, releases and ends the process (130 after SIGINT, else 0). Whatever cannot start is
 * one line in the log and exit code 1; so is an uncaught error, after a stop.
 *
 * Resolves when everything has stopped; never rejects. The process is the application's own: its exit code, its stop
 * signals and its uncaught errors are handled here.
 *
 * In dev mode it hands the options over to the application that runs already, and resolves when others have taken their place.
 */
export async function runApplication(options: ApplicationOptions): Promise<void> {
  const host = devHost()
  if (host === undefined) await new Application({ options: () => options }).run()
  else await host.offer(options)
}

/** Where an application gets its options from, and who else wants to know of its life. */
export interface Supply {
  /** What to start with. Asked again after {@link failed}. */
  options(): ApplicationOptions | Promise<ApplicationOptions>
  /** For those that change what runs. */
  readonly live?: Live
  /** It could not start: resolves when it is worth another attempt. Without it the process ends. */
  failed?(error: unknown, log: LogSink): Promise<void>
  /** Resolves when a start that is under way should be given up, with the error that it then fails with. */
  superseded?(): Promise<Error>
  started?(running: Assembled, log: LogSink): void
  /** Nobody has caught it. True: the application goes on all the same. */
  uncaught?(error: unknown, log: LogSink): boolean
  /** A stop has begun. */
  stopping?(): void
}

/** The life of one application, which is that of its process. */
export class Application {
  readonly #supply: Supply
  readonly #clock = systemClock
  readonly #output = createLineOutput()
  readonly #stopped = Promise.withResolvers<void>()
  #name: string | undefined
  #sink: LogSink
  #assembled: Assembled | undefined
  #stopping = false

  constructor(supply: Supply) {
    this.#supply = supply
    this.#sink = createTextSink(this.#output, { root: 'info', categories: new Map() }, this.#clock)
  }

  async run(): Promise<void> {
    onStopSignal(
      process,
      signal => this.#signalled(signal),
      signal => this.#signalledAgain(signal),
    )
    // Also what a promise rejected with and nobody caught: Node hands both to this event.
    process.on('uncaughtException', error => this.#crashed(error))
    // A context whose routes hold no handle (all of them direct:, say) still runs until it is stopped.
    const keepAlive = this.#clock.setTimeout(() => {}, Number.POSITIVE_INFINITY)
    void this.#startUp()
    await this.#stopped.promise
    keepAlive.cancel()
  }

  async #startUp(): Promise<void> {
    while (!this.#stopping) {
      try {
        await this.#start()
        return
      } catch (error) {
        if (this.#stopping) return
        // What had started was stopped by whoever rejected; but what observes it is still there.
        const observation = this.#assembled?.observation
        this.#assembled = undefined
        await observation?.stop()
        if (this.#stopping) return
        if (this.#supply.failed === undefined) {
          this.#stopping = true
          this.#log.error('', { error })
          this.#end(1)
        } else await this.#supply.failed(error, this.#sink)
      }
    }
  }

  async #start(): Promise<void> {
    const options = await this.#supply.options()
    this.#name = options.name
    const assembled = await assemble(options, {
      clock: this.#clock,
      live: this.#supply.live,
      output: this.#output,
      logReady: log => {
        this.#sink = log
      },
      overrun: overrun => this.#overrun(overrun),
    })
    if (this.#stopping) return
    this.#assembled = assembled
    await assembled.observation?.start(assembled.context)
    if (this.#stopping) return
    await this.#startContext(assembled.context)
    if (this.#stopping) return
    this.#sayStarted(assembled, options.name)
    this.#supply.started?.(assembled, this.#sink)
  }

  async #startContext(context: Context): Promise<void> {
    const started = context.start()
    const superseded = await Promise.race([started.then(() => undefined), this.#supply.superseded?.() ?? started])
    if (!superseded) return
    // It rejects with the stop.
    started.catch(() => {})
    await context.stop()
    throw superseded
  }

  #sayStarted({ nodeId, cluster, configFile }: Assembled, name: string): void {
    const tookMs = Math.round(process.uptime() * 1_000)
    const fields = { pid: process.pid, nodeId, cluster, tookMs, ...(configFile !== undefined && { configFile }) }
    const from = configFile === undefined ? 'no configuration file' : `configuration ${configFile}`
    this.#log.info(`Started ${name} in ${tookMs} ms: pid ${process.pid}, node ${nodeId}, cluster ${cluster}, ${from}`, {
      fields,
    })
  }

  #signalled(signal: StopSignal): void {
    this.#log.info(`${signal}: stopping`)
    void this.#stop(exitCodeOf(signal))
  }

  #signalledAgain(signal: StopSignal): void {
    const limit =
      this.#assembled === undefined ? '' : `, for at most ${formatDuration(this.#assembled.shutdownTimeoutMs)}`
    this.#log.info(`${signal}: already stopping${limit}`)
  }

  #crashed(error: unknown): void {
    if (!this.#stopping && this.#supply.uncaught?.(error, this.#sink)) return
    process.exitCode = 1
    this.#log.error('Uncaught error: stopping', { error })
    void this.#stop(1)
  }

  /** The term has ended and another member may lead: nothing may go on here, not even for a graceful stop. */
  #overrun({ namespace, term, participant }: Overrun): void {
    this.#log.error(
      `Route ${participant} still works on term ${term} of ${namespace}, which has ended: the process exits (cluster.overrun=exit)`,
    )
    process.exit(1)
  }

  async #stop(exitCode: number): Promise<void> {
    if (this.#stopping) return
    this.#stopping = true
    this.#supply.stopping?.()
    const assembled = this.#assembled
    if (assembled !== undefined) {
      await this.#stopContext(assembled)
      await assembled.observation?.stop()
    }
    this.#end(exitCode)
  }

  async #stopContext({ context, shutdownTimeoutMs }: Assembled): Promise<void> {
    const began = this.#clock.monotonic()
    const watchdog = this.#clock.setTimeout(() => {
      this.#log.error(`Not stopped ${formatDuration(STOP_MARGIN_MS)} after the shutdown time-out: the process exits`)
      process.exit(1)
    }, shutdownTimeoutMs + STOP_MARGIN_MS)
    try {
      await context.stop()
      this.#log.info(`Stopped in ${Math.round(this.#clock.monotonic() - began)} ms`)
    } catch (error) {
      process.exitCode = 1
      this.#log.error('Could not stop cleanly', { error })
    }
    watchdog.cancel()
  }

  /** The process ends by itself, when nothing is left; a handle that somebody left open keeps it for half a second. */
  #end(exitCode: number): void {
    process.exitCode ||= exitCode
    const leave = () => {
      this.#log.warn(`Something still held the process: ${[...new Set(process.getActiveResourcesInfo())].join(', ')}`)
      process.exit()
    }
    this.#clock.setTimeout(leave, LEFTOVER_MS).unref()
    this.#stopped.resolve()
  }

  get #log(): Logger {
    return createLogger(this.#sink, 'main', this.#name === undefined ? {} : { context: this.#name })
  }
}
