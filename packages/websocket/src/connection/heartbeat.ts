import type { Clock, ClockTimer } from '@dromedary/core/component'

/** What was seen of a connection when it was pinged last. */
export interface Beat {
  /** -1: it was not pinged yet, or its silence says nothing. */
  readonly bytes: number
  readonly pauses: number
}

/** Before the first ping. */
export const NO_BEAT: Beat = { bytes: -1, pauses: 0 }

/** A connection whose peer may die without a word. */
export interface Beating {
  beat: Beat
  /** Of its socket, so far: a ping is answered, and a peer that sends something else lives as well. */
  readonly bytesRead: number
  /** Nobody reads: then silence says nothing about the peer. */
  readonly isPaused: boolean
  readonly pauses: number
  ping(): void
  terminate(reason: string): void
}

/**
 * Pings all connections of an endpoint with one timer, and ends those on which not one byte came since the ping before:
 * a peer that vanished is found after one to two intervals. Nothing is paid per message.
 */
export class Heartbeat {
  readonly #clock: Clock
  readonly #interval: number
  readonly #connections: () => Iterable<Beating>
  #timer: ClockTimer | undefined

  /** An interval of 0 means that nothing is pinged. */
  constructor(clock: Clock, interval: number, connections: () => Iterable<Beating>) {
    this.#clock = clock
    this.#interval = interval
    this.#connections = connections
  }

  start(): void {
    if (this.#interval > 0) this.#timer = this.#clock.setTimeout(() => this.#tick(), this.#interval)
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #tick(): void {
    const silent: Beating[] = []
    for (const connection of this.#connections()) {
      if (isSilent(connection)) silent.push(connection)
      else pinged(connection)
    }
    // After a pause of this process the answers lie in the kernel, and timers run before anything is read.
    if (silent.length > 0) setImmediate(() => this.#judge(silent))
    this.start()
  }

  #judge(silent: readonly Beating[]): void {
    for (const connection of silent) {
      if (isSilent(connection)) connection.terminate(`nothing came for ${this.#interval} ms, not even a pong`)
      else pinged(connection)
    }
  }
}

function isSilent({ beat, bytesRead, isPaused, pauses }: Beating): boolean {
  return beat.bytes === bytesRead && !isPaused && beat.pauses === pauses
}

function pinged(connection: Beating): void {
  const { bytesRead, isPaused, pauses } = connection
  connection.beat = { bytes: isPaused ? -1 : bytesRead, pauses }
  connection.ping()
}
