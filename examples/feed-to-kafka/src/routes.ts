import { deadLetterChannel, from, type RouteSource } from '@dromedary/core'
import { saleOf, trade } from './trade.ts'

/**
 * Where the messages come from. Before each connection the route is asked how far it has got, and the feed told: it sends
 * what comes after that, and everything to those who have nothing yet.
 */
const SOURCES = {
  tcp: 'tcp:{{feed.host}}:{{feed.port}}?clientMode=true&textline=true&sync=false&maxInFlight=10000&connectMessage=FROM[ {position}]',
  websocket:
    'ws:{{feed.host}}:{{feed.websocket-port}}?consumeAsClient=true&maxInFlight=10000&query.from=0&resumeParameter=from',
}

/** One route: feed, position, check, translation, Kafka. What is no trade goes to another topic, in the same transaction. */
export const routesFrom = (source: keyof typeof SOURCES): readonly RouteSource[] => [
  from(`master:{{node.namespace}}:${SOURCES[source]}`)
    .routeId('feed')
    .errorHandler(deadLetterChannel('kafka:{{kafka.dead-letters}}?transacted=true', { useOriginalMessage: true }))
    .unmarshal('json')
    .resumable({ position: '${body[seq]}', strategy: 'kafka:{{kafka.positions}}' })
    .validate(trade)
    .transform(({ body }) => saleOf(body))
    .setHeader('CamelKafkaKey', ({ body }) => body.symbol)
    .marshal('json')
    .to('kafka:{{kafka.topic}}?transacted=true'),
]
