import { type Consumer, DromedaryError, messageOf, type RouteEntry, sleep } from '@dromedary/core/component'
import { unlessAborted } from '../abortable.ts'
import { BackOff } from '../back-off.ts'
import type { Connection } from '../connection/connection.ts'
import { Heartbeat } from '../connection/heartbeat.ts'
import type { EndpointParts } from '../endpoint-parts.ts'
import { attempt } from './attempt.ts'

/** How long a server has to answer the closing frame, ms: a successor waits for this one. */
const CLOSE_GRACE_MS = 50
/** Where all that it still sends comes again, its answer stands behind much that nobody wants. */
const REPLAYED_CLOSE_GRACE_MS = 10

/** Holds one connection to a server, makes it again whenever it is lost, and brings what comes into a route. */
export class ClientConsumer implements Consumer {
  readonly #entry: RouteEntry
  readonly #parts: EndpointParts
  readonly #backOff: BackOff
  readonly #heartbeat: Heartbeat
  /** It has a position, so that what was read and not handed in comes again. */
  readonly #resumes: boolean
  readonly #stop = new AbortController()
  /** The first attempt has had its outcome. */
  readonly #tried = Promise.withResolvers<void>()
  #connection: Connection | undefined
  #running: Promise<void> | undefined
  /** What {@link RouteEntry.resumePosition} failed with last: each failure is told once. */
  #unreadable: string | undefined

  /** `random` gives 0 ≤ x < 1: for the jitter of the back-off. */
  constructor(entry: RouteEntry, parts: EndpointParts, random: () => number) {
    const { onConnect, resumeParameter, pingInterval } = parts.options
    this.#entry = entry
    this.#parts = parts
    this.#backOff = new BackOff(parts.options, random)
    this.#heartbeat = new Heartbeat(entry.clock, pingInterval, () => (this.#connection ? [this.#connection] : []))
    this.#resumes = onConnect !== undefined || resumeParameter !== undefined
  }

  /** Resolves after the first attempt, also when the server is not there: it goes on trying. */
  async start(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const aborted = () => this.#stop.abort(signal.reason)
    signal.addEventListener('abort', aborted, { once: true })
    this.#heartbeat.start()
    this.#running = this.#run()
    try {
      await this.#tried.promise
      signal.throwIfAborted()
    } finally {
      signal.removeEventListener('abort', aborted)
    }
  }

  async quiesce(): Promise<void> {
    this.#stop.abort()
    if (this.#resumes) this.#connection?.inbox.drop()
    else await this.#connection?.inbox.drain()
    await this.#running
  }

  async close(forced: boolean): Promise<void> {
    this.#stop.abort()
    this.#heartbeat.stop()
    const connection = this.#connection
    if (forced) {
      connection?.inbox.drop()
      connection?.terminate('ended by force')
    } else await connection?.end(this.#entry.clock, this.#resumes ? REPLAYED_CLOSE_GRACE_MS : CLOSE_GRACE_MS)
    await this.#running
    await connection?.closed
  }

  /** One connection after the other, until it is told to stop. */
  async #run(): Promise<void> {
    const { signal } = this.#stop
    const { clock } = this.#entry
    do {
      const connection = await this.#connect()
      if (connection !== undefined) await this.#live(connection)
      this.#tried.resolve()
      if (!signal.aborted && this.#backOff.isExhausted) return this.#giveUp()
    } while (!signal.aborted && (await sleep(clock, this.#backOff.next(), signal)))
  }

  /** Until the connection has ended, and all that it brought: only then the position is final. */
  async #live(connection: Connection): Promise<void> {
    const { clock } = this.#entry
    const { signal } = this.#stop
    const since = clock.monotonic()
    this.#connection = connection
    if (signal.aborted) return connection.inbox.drop()
    this.#introduce(connection)
    this.#tried.resolve()
    const closing = await unlessAborted(connection.closed, signal)
    if (closing === undefined) return
    this.#backOff.lived(clock.monotonic() - since)
    this.#entry.reportState('disconnected', closing.text)
    await unlessAborted(connection.inbox.idle(), signal)
    if (!signal.aborted) this.#connection = undefined
  }

  /** Producers find it, and the route gets what it brings. */
  #introduce(connection: Connection): void {
    const { address, peers } = this.#parts
    const table = peers.enter(address).set(connection.key, connection)
    void connection.closed.then(() => {
      table.delete(connection.key)
      peers.leave(address)
    })
    this.#entry.reportState('connected')
    connection.announce()
    connection.inbox.release()
  }

  async #connect(): Promise<Connection | undefined> {
    const { signal } = this.#stop
    try {
      const resumeFrom = this.#resumes ? await this.#position() : undefined
      signal.throwIfAborted()
      return await attempt(this.#entry, this.#parts, signal, resumeFrom)
    } catch (error) {
      if (!signal.aborted) this.#failed(error)
      return undefined
    }
  }

  async #position(): Promise<unknown> {
    const { signal } = this.#stop
    try {
      const position = await unlessAborted(this.#entry.resumePosition(signal), signal)
      this.#unreadable = undefined
      return position
    } catch (error) {
      const what = messageOf(error)
      if (!signal.aborted && what !== this.#unreadable) {
        this.#unreadable = what
        this.#entry.reportError(error, `reading the position from which ${this.#parts.uri} goes on; it is tried again`)
      }
      throw error
    }
  }

  /** The runtime logs a change once; what fails again and again is for those who look closely. */
  #failed(error: unknown): void {
    this.#entry.reportState('disconnected', error)
    this.#entry.log.debug(`attempt ${this.#backOff.attempts + 1}: ${messageOf(error)}`)
  }

  #giveUp(): void {
    const { uri } = this.#parts
    const error = new DromedaryError(
      'DROMEDARY_CONNECTION_FAILED',
      `gave up on ${uri} after ${this.#backOff.attempts} attempts (maxReconnectAttempts)`,
    )
    this.#entry.reportError(error, 'connecting')
  }
}
