import type { Socket } from 'node:net'
import type { Exchange } from '@dromedary/core/component'
import { logAt } from '../log-level.ts'
import { replyOf } from './reply.ts'
import type { Traffic } from './traffic.ts'

/** A request that is under way, or whose reply waits for those before it. */
interface Slot {
  readonly exchange: Exchange
  done: boolean
  next: Slot | undefined
}

/** What a request does to its connection once its reply was due. */
export interface Outcome {
  /** How many replies were due. */
  readonly due: number
  /** The connection is to end. */
  readonly isLast: boolean
}

/** Requests of one connection: their replies go out in their order, whenever they are done. */
export class Replies {
  readonly #socket: Socket
  readonly #traffic: Traffic
  /** Of the peer, for the log. */
  readonly #address: string
  #head: Slot | undefined
  #tail: Slot | undefined
  /** A reply was written that the peer has not read yet. */
  choked = false

  constructor(socket: Socket, traffic: Traffic, address: string) {
    this.#socket = socket
    this.#traffic = traffic
    this.#address = address
  }

  /** A place for the reply to this request, behind those before it; what it returns is called when the request is done. */
  add(exchange: Exchange): () => Outcome {
    const slot: Slot = { exchange, done: false, next: undefined }
    if (this.#tail === undefined) this.#head = slot
    else this.#tail.next = slot
    this.#tail = slot
    return () => {
      slot.done = true
      return this.#flush()
    }
  }

  #flush(): Outcome {
    let due = 0
    let isLast = false
    for (; this.#head?.done === true; this.#head = this.#head.next) {
      due++
      if (!isLast) isLast = this.#write(this.#head.exchange)
    }
    if (this.#head === undefined) this.#tail = undefined
    return { due, isLast }
  }

  /** Whether it is the last one. */
  #write(exchange: Exchange): boolean {
    const { entry, framing, settings } = this.#traffic
    if (this.#socket.destroyed || this.#socket.writableEnded) return false
    const reply = replyOf(exchange, framing)
    if ('none' in reply) {
      const line = `exchange ${exchange.id} leaves no reply for ${this.#address}: ${reply.none}`
      logAt(entry.log, reply.calledOff ? 'DEBUG' : settings.noReplyLogLevel, line)
      return settings.disconnectOnNoReply || settings.disconnect
    }
    if (!this.#socket.write(reply.frame as string, framing.encoding)) this.choked = true
    const { message } = exchange
    return (
      settings.disconnect || (message.hasHeaders() && message.header('CamelNettyCloseChannelWhenComplete') === true)
    )
  }
}
