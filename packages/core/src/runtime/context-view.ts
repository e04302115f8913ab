import { randomBytes } from 'node:crypto'
import type { Clock } from '../clock.ts'
import type { ClusterService } from '../cluster/contract.ts'
import type { ContextView } from '../component/contract.ts'
import { messageOf } from '../errors.ts'
import { TypeConverters } from '../exchange/converters.ts'
import { Exchange, type ExchangeServices } from '../exchange/exchange.ts'
import { VariableScopes } from '../exchange/variables.ts'
import { createLogger, type LogSink } from '../logger.ts'

/** What exchanges of one context share. Ids are a random prefix per context, and a counter. */
export function exchangeServices(): ExchangeServices {
  const prefix = randomBytes(8).toString('hex').toUpperCase()
  let count = 0
  return {
    converters: new TypeConverters(),
    variables: new VariableScopes(),
    nextId: () => `${prefix}-${(count++).toString(16).toUpperCase().padStart(8, '0')}`,
  }
}

/** The context as components see it. */
export function contextView(parts: {
  readonly name: string
  readonly clock: Clock
  readonly cluster: ClusterService | undefined
  readonly beans: Readonly<Record<string, unknown>>
  readonly sink: LogSink
  readonly services: ExchangeServices
  property(key: string): string | undefined
}): ContextView {
  const { name, clock, cluster, beans, sink, services, property } = parts
  const log = createLogger(sink, 'context', { context: name })
  const report = (exchange: Exchange) => (error: unknown) =>
    log.warn(`a callback at the end of exchange ${exchange.id} failed: ${messageOf(error)}`, { error })
  return {
    name,
    clock,
    cluster,
    property,
    lookup: bean => (Object.hasOwn(beans, bean) ? beans[bean] : undefined),
    logger: (category, origin) =>
      createLogger(sink, category, origin === undefined ? { context: name } : { context: name, origin }),
    createExchange: (body = null) => new Exchange(services, body),
    complete: exchange =>
      exchange.hasUnitOfWork ? exchange.unitOfWork.end(exchange, exchange.failed, report(exchange)) : undefined,
  }
}
