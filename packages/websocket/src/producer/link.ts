import { randomUUID } from 'node:crypto'
import { type Clock, DromedaryError, sleep } from '@dromedary/core/component'
import { unlessAborted } from '../abortable.ts'
import { BackOff } from '../back-off.ts'
import { openSocket } from '../client/open-socket.ts'
import { clientRequest } from '../client/request.ts'
import { Connection } from '../connection/connection.ts'
import { Heartbeat } from '../connection/heartbeat.ts'
import type { EndpointParts } from '../endpoint-parts.ts'

/** How long the server has to take what is left and answer the closing frame, ms. */
const CLOSE_GRACE_MS = 1_000

/** The connection of a producer: made by the first message, and again by the first one after a loss. */
export class Link {
  readonly #clock: Clock
  readonly #parts: EndpointParts
  readonly #backOff: BackOff
  readonly #heartbeat: Heartbeat
  readonly #stop = new AbortController()
  #connection: Connection | undefined
  #connecting: Promise<Connection> | undefined
  /** Monotonic time before which no attempt is made. */
  #notBefore = Number.NEGATIVE_INFINITY

  constructor(clock: Clock, parts: EndpointParts, random: () => number) {
    const { pingInterval } = parts.options
    this.#clock = clock
    this.#parts = parts
    this.#backOff = new BackOff(parts.options, random)
    this.#heartbeat = new Heartbeat(clock, pingInterval, () => (this.#connection ? [this.#connection] : []))
  }

  /** Open now; undefined where {@link ready} must be waited for. */
  get connection(): Connection | undefined {
    return this.#connection?.isOpen ? this.#connection : undefined
  }

  /**
   * One attempt for all who wait, after the back-off where the attempt before has failed. Rejects with
   * `DROMEDARY_CONNECTION_FAILED`, and with the reason of the signal.
   */
  async ready(signal: AbortSignal): Promise<Connection> {
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined
    })
    const connection = await unlessAborted(this.#connecting, signal)
    if (connection === undefined) throw signal.reason
    return connection
  }

  /** What was sent is written first, as far as the server takes it. */
  async close(): Promise<void> {
    const { uri } = this.#parts
    this.#stop.abort(new DromedaryError('DROMEDARY_NOT_ACCEPTING', `${uri} is closed: the context has stopped`))
    this.#heartbeat.stop()
    await this.#connecting?.catch(() => {})
    await this.#connection?.end(this.#clock, CLOSE_GRACE_MS)
  }

  async #connect(): Promise<Connection> {
    const { signal } = this.#stop
    const wait = this.#notBefore - this.#clock.monotonic()
    if (wait > 0) await sleep(this.#clock, wait, signal)
    signal.throwIfAborted()
    try {
      const connection = await this.#open()
      this.#took(connection)
      return connection
    } catch (error) {
      this.#notBefore = this.#clock.monotonic() + this.#backOff.next()
      throw error
    }
  }

  async #open(): Promise<Connection> {
    const { options, uri } = this.#parts
    const { handshakeTimeout, maxPayload } = options
    const request = await clientRequest(this.#parts)
    const parts = { clock: this.#clock, handshakeTimeout, signal: this.#stop.signal, uri }
    return openSocket(request, parts, (socket, raw) => {
      // What a server says to a producer is read, so that it can go on, and dropped.
      const hand = () => {}
      const key = randomUUID()
      return new Connection({
        key,
        socket,
        raw,
        headers: [],
        maxInFlight: 1,
        maxPayload,
        held: false,
        fireEvents: false,
        hand,
      })
    })
  }

  #took(connection: Connection): void {
    const since = this.#clock.monotonic()
    this.#connection = connection
    this.#heartbeat.start()
    void connection.closed.then(() => {
      if (this.#connection === connection) this.#connection = undefined
      this.#heartbeat.stop()
      const now = this.#clock.monotonic()
      this.#backOff.lived(now - since)
      this.#notBefore = now + this.#backOff.next()
    })
  }
}
