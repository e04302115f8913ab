import type { Exchange, Producer, TermBegun } from '@dromedary/core/component'
import type { KafkaRecord } from '../client/port.ts'
import type { RouteSettings } from './route-settings.ts'
import type { Sessions } from './sessions.ts'

export interface TransactedEndpoint {
  readonly topic: string
  readonly settings?: RouteSettings
  /** Those of one set of routes have the same one. */
  readonly set?: object
  /** What an exchange sends there. Throws where that is nothing that Kafka takes. */
  toRecords(exchange: Exchange): readonly KafkaRecord[]
}

/**
 * Sends within the session of the route that the exchange entered by: with everything else that this exchange sends to
 * these brokers, and with its position, or not at all. Nothing leaves before the exchange has ended, so a send never
 * waits; the consumer does, for the commit.
 */
export function transactedProducer(sessions: Sessions, endpoint: TransactedEndpoint): Producer {
  const user = sessions.user(endpoint.settings, endpoint.set)
  return {
    external: true,
    needsRouteId: true,
    start: () => sessions.hold(),
    warmUp: signal => sessions.warmUp(endpoint.topic, signal),
    takeOver: (term: TermBegun) => sessions.takeOver(term, user),
    send: exchange => {
      const records = endpoint.toRecords(exchange)
      const entry = sessions.of(exchange, user).entry(exchange)
      entry.add(records)
    },
    close: () => sessions.letGo(user),
  }
}
