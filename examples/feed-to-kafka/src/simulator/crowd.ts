import type { Clock, ClockTimer } from '@dromedary/core'
import type { Client } from './client.ts'
import type { Head } from './head.ts'
import type { DropHow } from './options.ts'
import { Stream, type StreamOptions } from './stream.ts'

export interface CrowdOptions extends StreamOptions {
  readonly head: Head
  readonly clock: Clock
  readonly replay: boolean
  readonly requestMs: number
  readonly log: (line: string) => void
}

/** The place of a connection among the others. */
export interface Seat {
  /** Whether it is being sent messages: what it says from then on does not matter. */
  readonly seated: boolean
  /** It asks to go on after this message; undefined: it said something else, and gets what is new. */
  request(after: number | undefined): void
  leave(): void
}

/** All who listen. There should never be two at once. */
export class Crowd {
  connections = 0
  overlaps = 0
  unsentBytes = 0
  readonly requests: (number | undefined)[] = []
  readonly #options: CrowdOptions
  readonly #clients = new Set<Client>()
  readonly #streams = new Map<Client, Stream>()
  #sentBefore = 0

  constructor(options: CrowdOptions) {
    this.#options = options
  }

  get open(): number {
    return this.#clients.size
  }

  get sent(): number {
    return this.#sum(({ sent }) => sent) + this.#sentBefore
  }

  get backlog(): number {
    return this.#sum(({ backlog }) => backlog)
  }

  enter(client: Client): Seat {
    const number = ++this.connections
    const others = [...this.#clients]
    this.#clients.add(client)
    if (others.length > 0) this.#countOverlap(number, client, others)
    let timer: ClockTimer | undefined
    const begin = (after: number | undefined) => {
      timer?.cancel()
      timer = undefined
      if (this.#clients.has(client) && !this.#streams.has(client)) this.#begin(number, client, after)
    }
    timer = this.#options.clock.setTimeout(() => begin(undefined), this.#options.requestMs)
    const { clients, streams } = { clients: this.#clients, streams: this.#streams }
    return {
      get seated() {
        return streams.has(client)
      },
      request: begin,
      leave: () => {
        timer?.cancel()
        if (clients.delete(client)) this.#end(number, client)
      },
    }
  }

  /** More may be there by now. */
  pump(): void {
    for (const stream of this.#streams.values()) stream.pump()
  }

  drop(how: DropHow): void {
    for (const client of this.#clients) {
      const stream = this.#streams.get(client)
      if (stream) stream.drop(how)
      else client.drop(how)
    }
  }

  destroy(): void {
    for (const client of this.#clients) client.destroy()
  }

  #begin(number: number, client: Client, after: number | undefined): void {
    const { head, log, replay } = this.#options
    this.requests[number - 1] = after
    const from = replay ? (after ?? head.current) : head.current
    const stream = new Stream(client, from, head, this.#options)
    this.#streams.set(client, stream)
    const asked = after === undefined ? 'asked for nothing' : `asked for what comes after ${after}`
    log(`${client.protocol} connection ${number} from ${client.address} ${asked}, is sent what comes after ${from}`)
    stream.pump()
  }

  #end(number: number, client: Client): void {
    const stream = this.#streams.get(client)
    this.#streams.delete(client)
    stream?.stop()
    this.#sentBefore += stream?.sent ?? 0
    this.unsentBytes += stream?.pendingBytes ?? 0
    this.#options.log(`${client.protocol} connection ${number} ended after ${stream?.sent ?? 0} messages`)
  }

  /** The end of another one may have come as well, and is only read after this beginning. */
  #countOverlap(number: number, client: Client, others: readonly Client[]): void {
    setImmediate(() => {
      if (!client.alive || !others.some(other => other.alive && this.#clients.has(other))) return
      this.overlaps++
      this.#options.log(`TWO CLIENTS AT ONCE: connection ${number} began while another one was open`)
    })
  }

  #sum(of: (stream: Stream) => number): number {
    let sum = 0
    for (const stream of this.#streams.values()) sum += of(stream)
    return sum
  }
}
