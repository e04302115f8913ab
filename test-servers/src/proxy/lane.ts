import type { Socket } from 'node:net'

/** How bytes travel; shared by all lanes of a proxy and changed at any time, see {@link Lane.update}. */
export interface Pace {
  /** Milliseconds that each byte is on its way. */
  delay: number
  /** Bytes a second, for each connection and each direction. */
  rate: number
}

/** A piece of what the source sent, and when it came. */
interface Piece {
  readonly bytes: Buffer
  readonly since: number
}

/** What a lane holds at most before it stops to read, in bytes: what has arrived late was sent early. */
const MOST_HELD = 1 << 20

/** A slow lane hands out what this time allows, milliseconds, and holds no more than that. */
const SLICE = 50

/** One direction of one connection. While it is closed it reads nothing, so that the kernel's buffers fill up behind it. */
export class Lane {
  readonly #source: Socket
  readonly #sink: Socket
  readonly #pace: Pace
  readonly #held: Piece[] = []
  #bytes = 0
  #open = false
  #ended = false
  /** When the last piece is through at the present rate. */
  #free = 0
  #timer: NodeJS.Timeout | undefined

  constructor(source: Socket, sink: Socket, pace: Pace) {
    this.#source = source
    this.#sink = sink
    this.#pace = pace
    // Before there is a reader, or reading would begin by itself.
    source.pause()
    source.on('data', bytes => this.#arrive(bytes as Buffer))
    source.once('end', () => {
      this.#ended = true
      this.update()
    })
    // What a source sent before its end is still on its way when it is closed.
    source.once('close', () => {
      if (!this.#ended) clearTimeout(this.#timer)
    })
    sink.once('close', () => clearTimeout(this.#timer))
    sink.on('drain', () => this.update())
  }

  /** The source has ended, and not all that it sent is through: its sink stays until it is. */
  get isOwing(): boolean {
    return this.#ended && !this.#sink.writableEnded
  }

  set open(open: boolean) {
    this.#open = open
    this.update()
  }

  /** Hands out what is due, after a change of the pace as at any other time. */
  readonly update = (): void => {
    clearTimeout(this.#timer)
    while (this.#open && this.#held[0] && !this.#sink.writableNeedDrain) {
      const left = this.#due(this.#held[0]) - performance.now()
      if (left > 0) {
        this.#timer = setTimeout(this.update, left)
        break
      }
      this.#deliver(this.#held.shift() as Piece)
    }
    if (this.#open && this.#ended && this.#held.length === 0 && !this.#sink.writableEnded) this.#sink.end()
    if (this.#open && this.#bytes < this.#limit) this.#source.resume()
    else this.#source.pause()
  }

  #arrive(bytes: Buffer): void {
    const since = performance.now()
    const most = this.#limit
    for (let at = 0; at < bytes.length; at += most) this.#held.push({ bytes: bytes.subarray(at, at + most), since })
    this.#bytes += bytes.length
    this.update()
  }

  #due({ since }: Piece): number {
    const arrived = since + this.#pace.delay
    return this.#pace.rate === Number.POSITIVE_INFINITY ? arrived : Math.max(arrived, this.#free)
  }

  #deliver({ bytes }: Piece): void {
    this.#bytes -= bytes.length
    this.#free = Math.max(performance.now(), this.#free) + (bytes.length * 1000) / this.#pace.rate
    this.#sink.write(bytes)
  }

  get #limit(): number {
    return Math.min(MOST_HELD, Math.max(1, Math.floor((this.#pace.rate * SLICE) / 1000)))
  }
}
