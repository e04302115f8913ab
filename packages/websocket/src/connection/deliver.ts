import type { RouteEntry } from '@dromedary/core/component'
import { HEADERS } from '../names.ts'
import type { Connection } from './connection.ts'
import { ConnectionEvent, type Incoming } from './events.ts'

/** What the exchanges of an endpoint are like. */
export interface Delivery {
  readonly fireEvents: boolean
  readonly pattern: 'InOnly' | 'InOut'
}

/** One exchange for what came. Never throws or rejects. */
export function deliver(
  entry: RouteEntry,
  connection: Connection,
  incoming: Incoming,
  { fireEvents, pattern }: Delivery,
): void | Promise<void> {
  const isEvent = incoming instanceof ConnectionEvent
  const exchange = entry.createExchange(isEvent ? null : incoming)
  exchange.pattern = pattern
  const { message } = exchange
  for (const [name, value] of connection.headers) message.setHeader(name, value)
  if (fireEvents) message.setHeader(HEADERS.event, isEvent ? incoming.type : 'MESSAGE')
  if (isEvent) {
    const { closing, error } = incoming
    if (closing !== undefined) {
      message.setHeader(HEADERS.closeCode, closing.code).setHeader(HEADERS.closeReason, closing.reason)
    }
    if (error !== undefined) exchange.setProperty('CamelExceptionCaught', error)
  }
  return entry.process(exchange)
}
