import type { Socket } from 'node:net'
import type { Exchange } from '@dromedary/core/component'
import { hostAndPort } from '../address.ts'
import { certificateHeaders } from './certificate-headers.ts'
import { closeSoon } from './close-soon.ts'
import { Inbox } from './inbox.ts'
import { attach, deafen, listen, type SocketListener } from './listeners.ts'
import { Patience } from './patience.ts'
import { type Outcome, Replies } from './replies.ts'
import type { Timed } from './ticks.ts'
import type { Traffic } from './traffic.ts'

/** Frames that enter within one turn of the event loop: then others have theirs, answers that the route waits for among them. */
const TURN = 256

/**
 * One connection of a consumer: bytes become frames, frames enter the route in their order, replies go back in the order of
 * the requests. While the route is full nothing is read.
 */
export class Connection implements SocketListener, Timed {
  /** `host:port`; empty of a unix socket. */
  readonly remoteAddress: string
  readonly localAddress: string
  readonly #traffic: Traffic
  readonly #socket: Socket
  readonly #inbox: Inbox
  readonly #patience: Patience
  readonly #certificate: readonly (readonly [string, unknown])[]
  readonly #replies: Replies | undefined
  /** In the route, or with a reply that waits for those before it. */
  #inFlight = 0
  /** In this turn of the event loop. */
  #entered = 0
  #pumping = false
  #paused = true
  #quiesced = false
  #peerEnded = false
  /** Nothing enters any more. */
  #dropped = false
  #closed = false
  #isGone = false
  #onEmpty: (() => void) | undefined
  #whenClosed: PromiseWithResolvers<void> | undefined
  #ended: (() => void) | undefined

  constructor(socket: Socket, traffic: Traffic) {
    this.#socket = socket
    this.#traffic = traffic
    this.#inbox = new Inbox(traffic.framing.decoder())
    this.#patience = new Patience(traffic.ticks)
    // Once per connection: each is a call of the system.
    this.remoteAddress = hostAndPort(socket.remoteAddress, socket.remotePort)
    this.localAddress = hostAndPort(socket.localAddress, socket.localPort)
    this.#certificate = traffic.settings.sslClientCertHeaders ? certificateHeaders(socket) : []
    this.#replies = traffic.settings.sync ? new Replies(socket, traffic, this.remoteAddress) : undefined
    attach(socket, this)
  }

  /** Begins to read, or goes on after {@link quiesce}. */
  start(): void {
    this.#quiesced = false
    if (this.#dropped || this.#closed) return
    listen(this.#socket)
    this.#pump()
  }

  onData(chunk: Buffer): void {
    if (this.#dropped) return
    this.#patience.heard()
    this.#inbox.push(chunk)
    this.#pump()
  }

  onEnd(): void {
    this.#peerEnded = true
    this.#pump()
  }

  onDrain(): void {
    if (this.#replies) this.#replies.choked = false
    this.#patience.choked(false)
    this.#pump()
  }

  onError(error: Error): void {
    if (!this.#dropped) this.#traffic.broken(this, error)
  }

  onClose(): void {
    this.#closed = true
    this.#traffic.closed(this)
    this.#whenClosed?.resolve()
    // What was read before enters still, and no reply waits for anybody.
    this.onDrain()
  }

  /** Closes it if the peer has kept it waiting. While the route is full it is this side that waits. */
  check(): void {
    if (this.#dropped) return
    // A peer that waits for its reply is not idle.
    if (this.#inFlight > 0) this.#patience.heard()
    const overdue = this.#patience.overdue(this.#traffic.settings, !this.#paused)
    if (overdue !== undefined) this.#refuse(overdue)
  }

  /**
   * From its return on nothing enters. What was read enters now, as the route has room; or it is dropped, and the
   * connection with it, where the peer can send it again.
   */
  quiesce(drop: boolean): void | Promise<void> {
    this.#quiesced = true
    if (drop) return this.#drop(true)
    if (this.#dropped) return
    this.#pause()
    deafen(this.#socket)
    const rest = this.#socket.read() as Buffer | null
    if (rest !== null) this.#inbox.push(rest)
    return new Promise(resolve => {
      this.#onEmpty = resolve
      this.#pump()
    })
  }

  /** Sends what was written and closes, or closes at once; resolves when the socket is closed. */
  close(forced: boolean): Promise<void> {
    this.#drop(forced)
    if (this.#closed) return Promise.resolve()
    // Asked for twice where a forced close comes while a gentle one is waited for.
    this.#whenClosed ??= Promise.withResolvers()
    return this.#whenClosed.promise
  }

  /** Hands in what there is as long as there is room, and does what follows from what is left. */
  #pump(): void {
    if (this.#pumping) return
    this.#pumping = true
    let isEmpty = false
    let entered = false
    try {
      while (!isEmpty) {
        if (!this.#inbox.hasFrame()) isEmpty = true
        else if (this.#hasRoom()) {
          entered = true
          if (this.#entered++ === 0) setImmediate(() => this.#nextTurn())
          this.#handIn(this.#inbox.take())
        } else break
      }
      if (entered) this.#patience.progressed()
      if (isEmpty) this.#patience.emptied(this.#inbox.isWithinFrame)
    } catch (error) {
      isEmpty = true
      this.#refuse(error)
    } finally {
      this.#pumping = false
    }
    this.#settle(isEmpty)
  }

  #hasRoom(): boolean {
    if (this.#entered >= TURN) return false
    return this.#inFlight < this.#traffic.settings.maxInFlight && this.#replies?.choked !== true
  }

  #nextTurn(): void {
    const isWaiting = this.#entered >= TURN
    this.#entered = 0
    if (isWaiting) this.#pump()
  }

  #handIn(frame: unknown): void {
    const { entry, settings } = this.#traffic
    const exchange = entry.createExchange(frame)
    const { message } = exchange
    message.setHeader('CamelNettyRemoteAddress', this.remoteAddress)
    message.setHeader('CamelNettyLocalAddress', this.localAddress)
    for (const [name, value] of this.#certificate) message.setHeader(name, value)
    if (this.#replies !== undefined) {
      this.#request(exchange, this.#replies)
      return
    }
    const pending = entry.process(exchange)
    if (pending === undefined) {
      if (settings.disconnect) this.#drop(false)
      return
    }
    this.#inFlight++
    this.#ended ??= () => this.#over(1, settings.disconnect)
    void pending.then(this.#ended)
  }

  #request(exchange: Exchange, replies: Replies): void {
    exchange.pattern = 'InOut'
    const answer = replies.add(exchange)
    this.#inFlight++
    const pending = this.#traffic.entry.process(exchange)
    if (pending === undefined) this.#answered(answer())
    else void pending.then(() => this.#answered(answer()))
  }

  #answered({ due, isLast }: Outcome): void {
    if (this.#replies?.choked === true) this.#patience.choked(true)
    this.#over(due, isLast)
  }

  /** So many have ended. */
  #over(count: number, isLast: boolean): void {
    this.#inFlight -= count
    if (isLast) this.#drop(false)
    this.#pump()
  }

  #settle(isEmpty: boolean): void {
    if (isEmpty) {
      this.#onEmpty?.()
      this.#onEmpty = undefined
    }
    if (this.#closed) {
      if (!isEmpty || this.#inFlight > 0 || this.#isGone) return
      this.#isGone = true
      this.#traffic.gone(this)
    } else if (this.#dropped) return
    else if (!isEmpty || this.#replies?.choked === true) this.#pause()
    // A peer that has said all still waits for its replies.
    else if (this.#peerEnded && (this.#inFlight === 0 || this.#replies === undefined)) this.#drop(false)
    else if (!this.#quiesced) this.#read()
  }

  #read(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#patience.heard()
    this.#socket.resume()
  }

  #pause(): void {
    if (this.#paused) return
    this.#paused = true
    this.#socket.pause()
  }

  #refuse(reason: unknown): void {
    if (!this.#dropped) this.#traffic.refused(this, reason)
    this.#drop(false)
  }

  #drop(now: boolean): void {
    const { entry, settings } = this.#traffic
    this.#dropped = true
    this.#inbox.clear()
    if (!this.#closed) closeSoon(this.#socket, entry.clock, now ? 0 : settings.shutdownTimeout)
    this.#pump()
  }
}
