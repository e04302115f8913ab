import {
  type Clock,
  type ContextView,
  DromedaryError,
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
import { RouteSessions } from './session/route-sessions.ts'
import type { RouteSettings } from './session/route-settings.ts'
import { Sessions } from './session/sessions.ts'
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

/** What an endpoint says of the sessions of its routes. */
function ownOf({ settings: { transactionalId, fences } }: ProducerPlan): RouteSettings {
  return { ...(transactionalId !== undefined && { transactionalId }), ...(fences !== undefined && { fences }) }
}

/** All that are made within one turn are one set of routes, and have to agree: an exchange may go through any of them. */
interface RouteSet {
  /** How each cluster of brokers is written to. */
  readonly agreed: Map<string, string>
}

/**
 * The sessions of a context: one set for each cluster of brokers and way to write to it. There are two while routes are
 * changed; made at the first start of an endpoint, so that a set of routes that is refused leaves nothing.
 */
export class TransactedEndpoints {
  readonly #context: ContextView
  readonly #open: OpenTransactions
  readonly #sessions = new Map<string, Sessions>()
  readonly #routes = new Map<string, RouteSessions>()
  #set: RouteSet | undefined

  constructor(context: ContextView, open: OpenTransactions) {
    this.#context = context
    this.#open = open
  }

  producer(plan: ProducerPlan): Producer {
    const { topic, settings, uri } = plan
    const set = this.#agreed(plan)
    const toRecords = recordMaker({ ...settings, topic, uri, key: settings.key, partitionKey: settings.partitionKey })
    let made: Producer | undefined
    const producer = () => {
      made ??= transactedProducer(this.#sessionsOf(plan), { topic, toRecords, settings: ownOf(plan), set })
      return made
    }
    return {
      external: true,
      needsRouteId: true,
      start: signal => producer().start?.(signal),
      warmUp: signal => producer().warmUp?.(signal),
      takeOver: term => producer().takeOver?.(term),
      send: exchange => producer().send(exchange),
      close: () => producer().close?.(),
    }
  }

  resumeStrategy(plan: ProducerPlan, routeId: string): ResumeStrategy {
    const { topic } = plan
    const set = this.#agreed(plan)
    return kafkaResumeStrategy(() => this.#sessionsOf(plan), routeId, { topic, settings: ownOf(plan), set })
  }

  /** Throws `DROMEDARY_SHARED_CONFLICT` where an endpoint of the same set and brokers has other settings. */
  #agreed(plan: ProducerPlan): RouteSet {
    if (this.#set === undefined) {
      this.#set = { agreed: new Map() }
      queueMicrotask(() => {
        this.#set = undefined
      })
    }
    const { agreed } = this.#set
    const brokers = brokersOf(plan)
    const way = wayOf(plan)
    if ((agreed.get(brokers) ?? way) !== way) {
      const advice =
        'set transactionInterval, transactionTimeout, giveUpAfter, compressionCodec and how the brokers are reached by kafka({ … })'
      throw new DromedaryError(
        'DROMEDARY_SHARED_CONFLICT',
        `${plan.uri} differs from another transacted endpoint of the same brokers, and both may be part of one transaction: ${advice}`,
      )
    }
    agreed.set(brokers, way)
    return this.#set
  }

  #sessionsOf(plan: ProducerPlan): Sessions {
    const { connection, settings, connections } = plan
    const { transactionInterval, transactionTimeout, giveUpAfter, compressionCodec: compression } = settings
    const brokers = brokersOf(plan)
    const key = `${brokers} ${wayOf(plan)}`
    const known = this.#sessions.get(key)
    if (known) return known
    const routes = this.#routes.get(brokers) ?? new RouteSessions()
    this.#routes.set(brokers, routes)
    const sessions = new Sessions({
      context: this.#context,
      transactions: this.#open(connection, { transactionTimeout, compression }, this.#context.clock),
      reader: async () => (await connections.client(connection)).reader(),
      scope: this.#context.property('cluster.scope'),
      positions: POSITIONS,
      transactionInterval,
      giveUpAfter,
      routes,
      // Routes that come later begin anew.
      onClosed: () => void this.#sessions.delete(key),
    })
    this.#sessions.set(key, sessions)
    return sessions
  }
}

const brokersOf = ({ connection }: ProducerPlan): string => connection.brokers.toSorted().join()

/** What a transaction has one of, whoever is part of it. */
function wayOf({ connection, settings, connections }: ProducerPlan): string {
  const { transactionInterval, transactionTimeout, giveUpAfter, compressionCodec } = settings
  const shared = [transactionInterval, transactionTimeout, giveUpAfter, compressionCodec]
  return `${connections.keyOf(connection)} ${JSON.stringify(shared)}`
}
