import { DromedaryError } from '@dromedary/core/component'
import type { TcpSettings } from '../options/schema.ts'
import { NEVER, type Ticks } from './ticks.ts'

/** How long a peer has kept its connection waiting, in ticks. */
export class Patience {
  readonly #ticks: Ticks
  #data: number
  #frame = NEVER
  #replies = NEVER

  constructor(ticks: Ticks) {
    this.#ticks = ticks
    this.#data = ticks.now
  }

  /** Something came, or this side has begun to read again. */
  heard(): void {
    this.#data = this.#ticks.now
  }

  /** Frames have ended. */
  progressed(): void {
    this.#frame = NEVER
  }

  /** All whole frames have been taken. */
  emptied(isWithinFrame: boolean): void {
    if (!isWithinFrame) this.#frame = NEVER
    else if (this.#frame === NEVER) this.#frame = this.#ticks.now
  }

  /** The peer takes no more of the replies, or does so again. */
  choked(is: boolean): void {
    if (!is) this.#replies = NEVER
    else if (this.#replies === NEVER) this.#replies = this.#ticks.now
  }

  /** What the peer is late with. While nothing is read, only the taking of replies. */
  overdue({ frameTimeout, readerIdleTimeout }: TcpSettings, isReading: boolean): DromedaryError | undefined {
    const ticks = this.#ticks
    if (ticks.passed(frameTimeout, this.#replies))
      return late(`no reply was taken within frameTimeout=${frameTimeout} ms`)
    if (!isReading) return undefined
    if (ticks.passed(frameTimeout, this.#frame))
      return late(`a message began and did not end within frameTimeout=${frameTimeout} ms`)
    if (ticks.passed(readerIdleTimeout, this.#data))
      return late(`nothing came within readerIdleTimeout=${readerIdleTimeout} ms`)
    return undefined
  }
}

const late = (what: string) => new DromedaryError('DROMEDARY_CONNECTION_FAILED', what)
