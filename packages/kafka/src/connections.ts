import type { ContextView } from '@dromedary/core/component'
import type { ConnectionSettings } from './client/connection.ts'
import type { OpenClient } from './client/open.ts'
import type { KafkaClient } from './client/port.ts'
import { Sender, type SenderSettings } from './producer/sender.ts'

/** A sender, and how many endpoints use it. */
interface Held {
  readonly sender: Sender
  holders: number
}

/** What the `kafka:` endpoints of a context share: one client for each way to reach brokers, one sender for each way to write. */
export class Connections {
  readonly #context: ContextView
  readonly #open: OpenClient
  readonly #clients = new Map<string, Promise<KafkaClient>>()
  readonly #senders = new Map<string, Held>()
  /** Objects among the settings are told apart by a number. */
  readonly #numbers = new WeakMap<object, number>()
  #count = 0

  constructor(context: ContextView, open: OpenClient) {
    this.#context = context
    this.#open = open
  }

  /** Imports and makes the client; after a failure it is tried anew. */
  client(connection: ConnectionSettings): Promise<KafkaClient> {
    const key = this.keyOf(connection)
    let client = this.#clients.get(key)
    if (client === undefined) {
      client = this.#open(connection, this.#context.clock)
      this.#clients.set(key, client)
      client.catch(() => this.#clients.delete(key))
    }
    return client
  }

  /** The sender for these settings. Whoever asks lets go of it, once. */
  hold(connection: ConnectionSettings, settings: SenderSettings): HeldSender {
    const key = `${this.keyOf(connection)} ${JSON.stringify(settings)}`
    let held = this.#senders.get(key)
    if (held === undefined) {
      held = {
        sender: new Sender(this.#context, connection, settings, () => this.client(connection)),
        holders: 0,
      }
      this.#senders.set(key, held)
    }
    held.holders++
    const { sender } = held
    const mine = held
    let isGone = false
    return {
      sender,
      letGo: async () => {
        if (isGone) return
        isGone = true
        if (--mine.holders > 0) return
        this.#senders.delete(key)
        await sender.close()
      },
    }
  }

  /** The same for connections that may be shared. */
  keyOf(connection: ConnectionSettings): string {
    const { tls } = connection
    const context = tls?.context && this.#numberOf(tls.context)
    return JSON.stringify({ ...connection, ...(tls && { tls: { ...tls, context } }) })
  }

  #numberOf(object: object): number {
    const known = this.#numbers.get(object) ?? this.#count++
    this.#numbers.set(object, known)
    return known
  }
}

export interface HeldSender {
  readonly sender: Sender
  letGo(): Promise<void>
}
