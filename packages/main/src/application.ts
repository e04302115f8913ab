import { createLogger, formatDuration, type Logger, type LogSink, systemClock } from '@dromedary/core'
import { type ApplicationOptions, type Assembled, assemble } from './assemble.ts'
import type { Overrun } from './cluster/overrun.ts'
import { createLineOutput } from './logging/output.ts'
import { createTextSink } from './logging/text.ts'
import { exitCodeOf, onStopSignal, type StopSignal } from './stop-signals.ts'

/** How long handles that somebody left open may keep a stopped process. */
const LEFTOVER_MS = 500
/** How long a stop may take beyond the shutdown time-out: closing what has been forced. */
const STOP_MARGIN_MS = 5_000

/**
 * Runs an application in this process until it is asked to stop: reads the configuration, starts the routes, and on
 * SIGINT, SIGTERM or SIGHUP drains, releases and ends the process (130 after SIGINT, else 0). Whatever cannot start is
 * one line in the log and exit code 1; so is an uncaught error, after a stop.
 *
 * Resolves when everything has stopped; never rejects. The process is the application's own: its exit code, its stop
 * signals and its uncaught errors are handled here.
 */
export async function runApplication(options: ApplicationOptions): Promise<void> {
  await new Application(options).run()
}

class Application {
  readonly #options: ApplicationOptions
  readonly #clock = systemClock
  readonly #output = createLineOutput()
  readonly #stopped = Promise.withResolvers<void>()
  #log: Logger
  #assembled: Assembled | undefined
  #stopping = false

  constructor(options: ApplicationOptions) {
    this.#options = options
    this.#log = this.#logger(createTextSink(this.#output, { root: 'info', categories: new Map() }, this.#clock))
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
    try {
      await this.#start()
    } catch (error) {
      if (!this.#stopping) {
        // What had started was stopped by whoever rejected.
        this.#stopping = true
        this.#log.error('', { error })
        this.#end(1)
      }
    }
    await this.#stopped.promise
    keepAlive.cancel()
  }

  async #start(): Promise<void> {
    const assembled = await assemble(this.#options, {
      clock: this.#clock,
      output: this.#output,
      logReady: log => {
        this.#log = this.#logger(log)
      },
      overrun: overrun => this.#overrun(overrun),
    })
    if (this.#stopping) return
    this.#assembled = assembled
    await assembled.context.start()
    if (!this.#stopping) this.#sayStarted(assembled)
  }

  #sayStarted({ nodeId, cluster, configFile }: Assembled): void {
    const tookMs = Math.round(process.uptime() * 1_000)
    const { name } = this.#options
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
    const assembled = this.#assembled
    if (assembled !== undefined) await this.#stopContext(assembled)
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

  #logger(sink: LogSink): Logger {
    return createLogger(sink, 'main', { context: this.#options.name })
  }
}
