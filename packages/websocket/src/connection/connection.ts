import type { Socket } from 'node:net'
import type { Clock } from '@dromedary/core/component'
import type { WebSocket } from 'ws'
import { CLOSE_CODES } from '../names.ts'
import { remoteAddressOf } from './connection-headers.ts'
import {
  type Closing,
  ConnectionEvent,
  closingOf,
  type Incoming,
  type ProtocolFailure,
  protocolFailure,
} from './events.ts'
import { type Beat, NO_BEAT } from './heartbeat.ts'
import { Inbox } from './inbox.ts'

/** What a {@link Connection} is made of. */
export interface ConnectionParts {
  /** Unique among the connections of this process. */
  readonly key: string
  /** Open. */
  readonly socket: WebSocket
  /** The socket beneath, whose bytes tell whether the peer lives. */
  readonly raw: Socket
  /** Set on each exchange that it brings. */
  readonly headers: readonly (readonly [name: string, value: unknown])[]
  readonly maxInFlight: number
  readonly maxPayload: number
  /** Nothing is handed in before `inbox.release()`. */
  readonly held: boolean
  readonly fireEvents: boolean
  /** Never throws or rejects. */
  hand(incoming: Incoming, connection: Connection): void | Promise<void>
  /** The library ended it because of what the peer sent. */
  failed?(failure: ProtocolFailure, connection: Connection): void
}

/** One open WebSocket that messages come from: reads in order, pauses while too much is under way, ends once. */
export class Connection {
  readonly key: string
  readonly socket: WebSocket
  readonly headers: ConnectionParts['headers']
  /** `192.0.2.7:51234` */
  readonly remoteAddress: string
  readonly inbox: Inbox<Incoming>
  /** Resolves when nothing more can come; never rejects. */
  readonly closed: Promise<Closing>
  beat: Beat = NO_BEAT
  /** How often reading was paused so far. */
  pauses = 0
  readonly #raw: Socket
  readonly #fireEvents: boolean
  #endedBecause: string | undefined

  constructor(parts: ConnectionParts) {
    const { key, socket, raw, headers, maxInFlight, held, fireEvents } = parts
    this.key = key
    this.socket = socket
    this.headers = headers
    this.remoteAddress = remoteAddressOf(raw)
    this.#raw = raw
    this.#fireEvents = fireEvents
    this.inbox = new Inbox({
      limit: maxInFlight,
      held,
      hand: incoming => parts.hand(incoming, this),
      pause: () => {
        this.pauses++
        socket.pause()
      },
      resume: () => socket.resume(),
    })
    socket.on('message', (data, isBinary) => this.inbox.push(isBinary ? (data as Buffer) : String(data)))
    socket.on('error', error => {
      const failure = protocolFailure(error, parts.maxPayload)
      this.#endedBecause ??= failure.text
      parts.failed?.(failure, this)
      if (fireEvents) this.inbox.push(new ConnectionEvent('ERROR', { error }))
    })
    this.closed = new Promise(resolve => {
      socket.on('close', (code, reason) => {
        const closing = closingOf(code, reason, this.#endedBecause)
        if (fireEvents) this.inbox.push(new ConnectionEvent('CLOSE', { closing }))
        resolve(closing)
      })
    })
  }

  /** Once whoever sends to it can find it. */
  announce(): void {
    if (this.#fireEvents) this.inbox.push(new ConnectionEvent('OPEN'))
  }

  get isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN
  }

  get isPaused(): boolean {
    return this.socket.isPaused
  }

  get bytesRead(): number {
    return this.#raw.bytesRead
  }

  ping(): void {
    if (this.isOpen) this.socket.ping()
  }

  /** Without a closing frame, now. The reason is for the log. */
  terminate(reason: string): void {
    this.#endedBecause ??= reason
    this.socket.terminate()
  }

  /** A closing frame, then what is left of `graceMs` for the peer to answer. What comes meanwhile is dropped. */
  async end(clock: Clock, graceMs: number): Promise<void> {
    this.inbox.drop()
    if (this.socket.readyState === this.socket.CLOSED) return
    this.#endedBecause ??= 'ended here'
    const timer = clock.setTimeout(() => this.socket.terminate(), graceMs)
    this.socket.close(CLOSE_CODES.goingAway)
    // The answer is read like anything else.
    this.socket.resume()
    await this.closed
    timer.cancel()
  }
}
