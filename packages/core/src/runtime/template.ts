import type { ContextView } from '../component/contract.ts'
import type { Exchange, Processor } from '../exchange/exchange.ts'
import type { Senders } from './senders.ts'
import { isThenable } from './thenable.ts'

/** Headers in the object form. */
export type HeaderValues = Readonly<Record<string, unknown>>

/**
 * Sends into a context from outside its routes. What it makes has no leadership: inside of a route send the exchange, or a
 * copy of it. A stop does not wait for it. Camel: ProducerTemplate.
 */
export interface ProducerTemplate {
  /** Sends an exchange and ends it. Does not throw for what happens to it: look at `exchange.exception`. */
  send(uri: string, exchange: Exchange): Promise<Exchange>
  /** InOnly. Rejects with the failure of the exchange. */
  sendBody(uri: string, body: unknown, headers?: HeaderValues): Promise<void>
  /** InOut: resolves to the body of the reply. Rejects with the failure of the exchange. */
  requestBody(uri: string, body: unknown, headers?: HeaderValues): Promise<unknown>
  /** An exchange to send. */
  createExchange(body?: unknown): Exchange
  /**
   * For hot paths: the endpoint is looked up once, and a send that stays synchronous returns no promise. Never throws
   * for what happens to the exchange.
   */
  sender(uri: string): Promise<(exchange: Exchange) => void | Promise<void>>
}

export function producerTemplate(context: ContextView, senders: Senders): ProducerTemplate {
  const sendAndEnd = (send: Processor, exchange: Exchange): void | Promise<void> => {
    try {
      const result = send(exchange)
      if (isThenable(result)) {
        return Promise.resolve(result)
          .catch(error => exchange.fail(error))
          .then(() => context.complete(exchange))
      }
    } catch (error) {
      exchange.fail(error)
    }
    return context.complete(exchange)
  }
  const prepared = async (uri: string) => {
    const { send } = await senders.ready(uri)
    return (exchange: Exchange) => sendAndEnd(send, exchange)
  }
  const sendNew = async (
    uri: string,
    body: unknown,
    headers: HeaderValues | undefined,
    pattern: Exchange['pattern'],
  ) => {
    const exchange = context.createExchange(body)
    exchange.pattern = pattern
    for (const [name, value] of Object.entries(headers ?? {})) exchange.message.setHeader(name, value)
    await (await prepared(uri))(exchange)
    if (exchange.failed) throw exchange.exception
    return exchange
  }
  return {
    createExchange: body => context.createExchange(body),
    sender: prepared,
    send: async (uri, exchange) => {
      await (await prepared(uri))(exchange)
      return exchange
    },
    sendBody: async (uri, body, headers) => {
      await sendNew(uri, body, headers, 'InOnly')
    },
    requestBody: async (uri, body, headers) => (await sendNew(uri, body, headers, 'InOut')).message.body,
  }
}
