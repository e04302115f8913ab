import {
  type Clock,
  type ContextView,
  DromedaryError,
  type Exchange,
  type Producer,
  type ResumeStrategy,
} from '@dromedary/core/component'
import type { ConnectionSettings } from './client/connection.ts'
import { baseOptions } from './client/platformatic/base-options.ts'
import { PlatformaticTransactions } from './client/platformatic/transactions.ts'
import type { Compression } from './client/port.ts'
import type { ProducerPlan } from './producer/producer.ts'
import { recordMaker } from './producer/records.ts'
import type { Transactions } from './session/port.ts'
import { kafkaResumeStrategy } from './session/resume-strategy.ts'
import { type RouteSettings, Sessions } from './session/sessions.ts'
import { transactedProducer } from './session/transacted-producer.ts'

/** Where positions are kept by routes that name no topic. */
const POSITIONS = 'dromedary-positions'

/** Makes what writes transactions; connects to nothing yet. Tests put another one in its place. */
export type OpenTransactions = (
  connection: ConnectionSettings,
  options: { readonly transactionTimeout: number; readonly compression: Compression },
  clock: Clock,
) => Transactions

export const openTransactions: OpenTransactions = (connection, options, clock) =>
  new PlatformaticTransactions(() => baseOptions(connection, clock), options)

interface Known {
  /** What all transacted endpoints of the same brokers have to agree on: a route has one transaction, whoever is part of it. */
  readonly agreed: string
  readonly sessions: Sessions
}

/** What an endpoint says of the sessions of its routes. */
function ownOf({ settings: { transactionalId, fences } }: ProducerPlan): RouteSettings {
  return { ...(transactionalId !== undefined && { transactionalId }), ...(fences !== undefined && { fences }) }
}

/** The sessions of a context, one set for each cluster of brokers. */
export class TransactedEndpoints {
  readonly #context: ContextView
  readonly #open: OpenTransactions
  readonly #known = new Map<string, Known>()

  constructor(context: ContextView, open: OpenTransactions) {
    this.#context = context
    this.#open = open
  }

  producer(plan: ProducerPlan): Producer {
    const { topic, settings, uri } = plan
    const sessions = this.#sessionsOf(plan)
    const toRecords = recordMaker({ ...settings, topic, uri, key: settings.key, partitionKey: settings.partitionKey })
    const producer = transactedProducer(sessions, { topic, toRecords })
    const own = ownOf(plan)
    const routes = new Set<string>()
    /** Before its first session. */
    const configure = (routeId: string) => {
      routes.add(routeId)
      sessions.configure(routeId, own)
    }
    return {
      ...producer,
      takeOver: term => {
        if (!routes.has(term.routeId)) configure(term.routeId)
        producer.takeOver?.(term)
      },
      send: (exchange: Exchange) => {
        if (!routes.has(exchange.fromRouteId)) configure(exchange.fromRouteId)
        return producer.send(exchange)
      },
    }
  }

  resumeStrategy(plan: ProducerPlan, routeId: string): ResumeStrategy {
    const sessions = this.#sessionsOf(plan)
    // The position is asked for before the first send: outside a cluster the id has to be known by then.
    sessions.configure(routeId, ownOf(plan))
    return kafkaResumeStrategy(sessions, routeId, plan.topic)
  }

  /** Throws `DROMEDARY_SHARED_CONFLICT` where an endpoint of the same brokers has other settings. */
  #sessionsOf({ connection, settings, connections, uri }: ProducerPlan): Sessions {
    const { transactionInterval, transactionTimeout, giveUpAfter, compressionCodec: compression } = settings
    const key = connection.brokers.toSorted().join()
    const shared = [transactionInterval, transactionTimeout, giveUpAfter, compression]
    const agreed = `${connections.keyOf(connection)} ${JSON.stringify(shared)}`
    const known = this.#known.get(key)
    if (known === undefined) {
      const sessions = new Sessions({
        context: this.#context,
        transactions: this.#open(connection, { transactionTimeout, compression }, this.#context.clock),
        reader: async () => (await connections.client(connection)).reader(),
        scope: this.#context.property('cluster.scope'),
        positions: POSITIONS,
        transactionInterval,
        giveUpAfter,
        // Routes that come later begin anew.
        onClosed: () => void this.#known.delete(key),
      })
      this.#known.set(key, { agreed, sessions })
      return sessions
    }
    if (known.agreed === agreed) return known.sessions
    const advice =
      'set transactionInterval, transactionTimeout, giveUpAfter, compressionCodec and how the brokers are reached by kafka({ … })'
    throw new DromedaryError(
      'DROMEDARY_SHARED_CONFLICT',
      `${uri} differs from another transacted endpoint of the same brokers, and both may be part of one transaction: ${advice}`,
    )
  }
}
