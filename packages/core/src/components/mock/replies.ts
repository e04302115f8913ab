import type { Exchange, Processor } from '../../exchange/exchange.ts'
import type { ExchangeValue } from './expectations.ts'

/** A value, or what makes one from the exchange. */
export type Reply = ExchangeValue | string | number | boolean | bigint | object | null | undefined

/** What a mock endpoint does to the exchanges that it is sent, as the endpoint that it stands for would. */
export class Replies {
  readonly #nth = new Map<number, Processor>()
  #any: Processor | undefined
  readonly #parts = new Map<string, Processor>()

  onNth(count: number, processor: Processor): void {
    this.#nth.set(count, processor)
  }

  onAny(processor: Processor): void {
    this.#any = processor
  }

  body(reply: Reply): void {
    this.#parts.set('body', exchange => {
      exchange.body = replyTo(exchange, reply)
    })
  }

  header(name: string, reply: Reply): void {
    this.#parts.set(`header ${name}`, exchange => {
      exchange.message.setHeader(name, replyTo(exchange, reply))
    })
  }

  clear(): void {
    this.#nth.clear()
    this.#any = undefined
    this.#parts.clear()
  }

  /** The reply to the `count`th exchange. The processor for that one goes before the one for any. */
  run(exchange: Exchange, count: number): void | Promise<void> {
    for (const part of this.#parts.values()) part(exchange)
    // Whatever is not a thenable the engine ignores.
    return (this.#nth.get(count) ?? this.#any)?.(exchange) as void | Promise<void>
  }
}

function replyTo(exchange: Exchange, reply: Reply): unknown {
  return typeof reply === 'function' ? reply(exchange) : reply
}
