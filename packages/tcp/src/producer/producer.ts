import { DromedaryError, type Exchange, messageOf, type Producer } from '@dromedary/core/component'
import { writeAddress } from '../address.ts'
import { connect } from '../client/connect.ts'
import { logAt } from '../log-level.ts'
import type { TcpPlan } from '../plan.ts'
import { Link } from './link.ts'
import { Pool } from './pool.ts'
import { SharedLink } from './shared-link.ts'

type Frame = Uint8Array | string

/** Sends messages to one address: one way in their order, or as requests whose replies become the body. */
export class TcpProducer implements Producer {
  readonly external = true
  readonly #plan: TcpPlan
  readonly #end = new AbortController()
  readonly #shared: SharedLink
  readonly #pool: Pool | undefined
  /** One-way messages that wait for a connection or for room: the next one waits behind them. */
  #queue: Promise<unknown> = Promise.resolve()
  #queued = 0

  constructor(plan: TcpPlan) {
    this.#plan = plan
    this.#shared = new SharedLink(onClosed => this.#open(this.#end.signal, onClosed))
    if (plan.settings.sync && plan.settings.producerPoolEnabled) {
      this.#pool = new Pool(plan, (signal, onClosed) =>
        this.#open(AbortSignal.any([signal, this.#end.signal]), onClosed),
      )
    }
  }

  async start(signal: AbortSignal): Promise<void> {
    await this.#plan.secure()
    if (this.#plan.settings.lazyChannelCreation) return
    const aborted = () => this.#end.abort(signal.reason)
    signal.addEventListener('abort', aborted, { once: true })
    try {
      if (this.#pool === undefined) await this.#shared.get()
      else this.#pool.release(await this.#pool.acquire(signal))
    } finally {
      signal.removeEventListener('abort', aborted)
    }
  }

  send(exchange: Exchange): void | Promise<void> {
    const { framing, log, settings, uri } = this.#plan
    const { message } = exchange
    if (message.body === null || message.body === undefined) {
      return logAt(
        log,
        settings.noReplyLogLevel,
        `exchange ${exchange.id} has nothing to send to ${uri}: its body is empty`,
      )
    }
    const frame = framing.encode(message)
    if (settings.sync) return this.#request(exchange, frame)
    const link = this.#shared.current
    if (link === undefined || link.choked || this.#queued > 0) return this.#sendLater(exchange, frame)
    return this.#write(exchange, link, frame)
  }

  async close(): Promise<void> {
    this.#end.abort(new DromedaryError('DROMEDARY_NOT_ACCEPTING', `${this.#plan.uri} is closed`))
    await Promise.all([this.#shared.close(), this.#pool?.close()])
  }

  #write(exchange: Exchange, link: Link, frame: Frame): void | Promise<void> {
    link.write(frame)
    if (this.#plan.settings.disconnect) return link.close()
    if (link.choked) return link.drained(exchange.signal)
  }

  async #sendLater(exchange: Exchange, frame: Frame): Promise<void> {
    this.#queued++
    const turn = this.#queue.then(async () => {
      const link = await unlessAborted(() => this.#shared.get(), exchange.signal)
      if (link.choked) await link.drained(exchange.signal)
      checkLeadership(exchange, this.#plan.uri)
      await this.#write(exchange, link, frame)
    })
    this.#queue = turn.then(
      () => this.#queued--,
      () => this.#queued--,
    )
    return turn
  }

  async #request(exchange: Exchange, frame: Frame): Promise<void> {
    const { signal } = exchange
    const link = await (this.#pool?.acquire(signal) ?? unlessAborted(() => this.#shared.get(), signal))
    try {
      checkLeadership(exchange, this.#plan.uri)
      exchange.message.body = await link.request(frame, this.#timeoutOf(exchange), signal)
    } finally {
      if (this.#plan.settings.disconnect) void link.close()
      else this.#pool?.release(link)
    }
  }

  #timeoutOf({ message }: Exchange): number {
    const given = message.getHeader('CamelNettyRequestTimeout', 'number')
    return given !== undefined && given >= 0 ? given : this.#plan.settings.requestTimeout
  }

  async #open(signal: AbortSignal, onClosed: (link: Link) => void): Promise<Link> {
    const { address, log, settings, uri } = this.#plan
    const socket = await connect(this.#plan, signal)
    const peer = writeAddress(address)
    // A connection for each request or message is no event.
    const level = this.#pool !== undefined || settings.disconnect ? 'debug' : 'info'
    log.log(level, `${uri}: connected to ${peer}`)
    return new Link(socket, this.#plan, link => {
      const why = socket.errored ? `: ${messageOf(socket.errored)}` : ''
      log.log(level, `${uri}: disconnected from ${peer}${why}`)
      onClosed(link)
    })
  }
}

/** I2: between the call and the send there was a wait. */
function checkLeadership(exchange: Exchange, uri: string): void {
  if (exchange.guard === undefined || exchange.guard.isValid()) return
  throw new DromedaryError(
    'DROMEDARY_NOT_LEADER',
    `refused to send to ${uri}: the leadership under which the exchange entered has ended while it waited`,
  )
}

/** The value, or a rejection as soon as the signal aborts. */
async function unlessAborted<T>(get: () => T | Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const { promise, reject } = Promise.withResolvers<never>()
  const aborted = () => reject(signal.reason)
  signal.addEventListener('abort', aborted, { once: true })
  try {
    return await Promise.race([get(), promise])
  } finally {
    signal.removeEventListener('abort', aborted)
  }
}
