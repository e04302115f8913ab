import type { Socket } from 'node:net'
import { type Consumer, messageOf, type RouteEntry, sleep } from '@dromedary/core/component'
import { writeAddress } from '../address.ts'
import { Connection } from '../connection/connection.ts'
import { Ticks } from '../connection/ticks.ts'
import type { Traffic } from '../connection/traffic.ts'
import type { TcpPlan } from '../plan.ts'
import { BackOff } from './back-off.ts'
import { connect } from './connect.ts'
import { greet, isReplayable } from './greeting.ts'

/** Connects, takes what the other side sends, and connects again. */
export class ClientConsumer implements Consumer {
  readonly #entry: RouteEntry
  readonly #plan: TcpPlan
  readonly #backOff: BackOff
  readonly #traffic: Traffic
  readonly #connections = new Set<Connection>()
  /** Aborted: no attempt is made any more. Another one after a pause. */
  #halt = new AbortController()
  #loop: Promise<void> = Promise.resolve()
  /** Why the connection ends, if this side knows. */
  #reason: unknown
  #connectedAt = 0
  #livedMs = 0
  #over = () => {}

  constructor(entry: RouteEntry, plan: TcpPlan) {
    const { settings } = plan
    this.#entry = entry
    this.#plan = plan
    this.#backOff = new BackOff(settings)
    const because = (_: Connection, reason: unknown) => {
      this.#reason = reason
    }
    this.#traffic = {
      entry,
      framing: plan.framing,
      settings,
      ticks: new Ticks(entry.clock, [settings.frameTimeout, settings.readerIdleTimeout], this.#connections),
      refused: because,
      broken: because,
      closed: () => this.#closed(),
      gone: connection => {
        this.#connections.delete(connection)
        this.#over()
      },
    }
  }

  /** Resolves after the first attempt, whatever came of it; without reconnect it rejects where that failed. */
  async start(signal: AbortSignal): Promise<void> {
    // A certificate that is of no use stays so: no matter of the network.
    await this.#plan.secure()
    signal.throwIfAborted()
    const halt = () => this.#halt.abort(signal.reason)
    signal.addEventListener('abort', halt, { once: true })
    try {
      const failure = await this.#begin()
      if (failure !== undefined && (signal.aborted || !this.#plan.settings.reconnect)) throw failure
    } finally {
      signal.removeEventListener('abort', halt)
    }
  }

  /** What was read enters; where the source can send it again, it is dropped, and the connection closed at once. */
  async quiesce(): Promise<void> {
    this.#halt.abort(new Error('the consumer stops'))
    const drop = isReplayable(this.#plan)
    await Promise.all(
      [...this.#connections].map(async connection => {
        await connection.quiesce(drop)
        if (drop) await connection.close(true)
      }),
    )
  }

  /** Goes on with the connection that there is, or makes another one. */
  async resume(): Promise<void> {
    this.#halt = new AbortController()
    for (const connection of this.#connections) connection.start()
    if (this.#connections.size > 0) return
    await this.#loop
    await this.#begin()
  }

  async close(forced: boolean): Promise<void> {
    this.#halt.abort()
    await Promise.all([...this.#connections].map(connection => connection.close(forced)))
    this.#traffic.ticks.stop()
  }

  /** Resolves with what went wrong in the first attempt, if anything. */
  #begin(): Promise<unknown> {
    return new Promise(resolve => {
      this.#loop = this.#run(resolve)
    })
  }

  async #run(attempted: (failure: unknown) => void): Promise<void> {
    for (;;) {
      const { signal } = this.#halt
      this.#livedMs = 0
      try {
        const over = new Promise<void>(resolve => {
          this.#over = resolve
        })
        await this.#connect(signal)
        attempted(undefined)
        // Also what it brought: the position to go on from is that of the last of them.
        await over
      } catch (failure) {
        attempted(failure)
        if (!signal.aborted) this.#entry.reportState('disconnected', failure)
        this.#entry.log.debug(`${this.#plan.uri}: ${messageOf(failure)}`)
      }
      // A pause may have come and gone meanwhile.
      if (this.#halt.signal.aborted || !this.#plan.settings.reconnect) return
      if (!(await sleep(this.#entry.clock, this.#backOff.next(this.#livedMs), this.#halt.signal))) return
    }
  }

  async #connect(signal: AbortSignal): Promise<void> {
    const position = isReplayable(this.#plan) ? await this.#entry.resumePosition(signal) : undefined
    signal.throwIfAborted()
    const socket = await connect(this.#plan, signal)
    try {
      await greet(socket, { plan: this.#plan, entry: this.#entry, position, signal })
      signal.throwIfAborted()
      if (socket.destroyed) throw socket.errored ?? new Error('the other side closed the connection at once')
    } catch (error) {
      socket.destroy()
      throw error
    }
    this.#opened(socket)
  }

  #opened(socket: Socket): void {
    const connection = new Connection(socket, this.#traffic)
    this.#connections.add(connection)
    this.#reason = undefined
    this.#connectedAt = this.#entry.clock.monotonic()
    this.#entry.reportState('connected', writeAddress(this.#plan.address))
    this.#traffic.ticks.run()
    connection.start()
  }

  #closed(): void {
    this.#livedMs = this.#entry.clock.monotonic() - this.#connectedAt
    const { signal } = this.#halt
    const reason = signal.aborted ? 'the consumer stops' : (this.#reason ?? 'the other side closed the connection')
    this.#entry.reportState('disconnected', reason)
  }
}
