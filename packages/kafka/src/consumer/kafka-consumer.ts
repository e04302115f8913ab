import type { Consumer, Exchange, RouteEntry } from '@dromedary/core/component'
import type { ConnectionSettings } from '../client/connection.ts'
import type { KafkaRecord } from '../client/port.ts'
import type { Connections, HeldSender } from '../connections.ts'
import type { KafkaSettings } from '../options/schema.ts'
import { senderSettings } from '../producer/producer.ts'
import { FailedRecords } from './failed-records.ts'
import { GroupReader } from './group-reader.ts'
import { Link } from './link.ts'
import { readerSettings } from './settings.ts'
import type { Subscription } from './topics.ts'

/** What a consumer is made from. */
export interface ConsumerPlan {
  readonly groupId: string
  readonly subscription: Subscription
  readonly settings: KafkaSettings
  readonly connection: ConnectionSettings
  readonly connections: Connections
}

/** Reads the topics of an endpoint, as one or several members of its group. */
export class KafkaConsumer implements Consumer {
  readonly #entry: RouteEntry
  readonly #plan: ConsumerPlan
  readonly #link: Link
  #readers: GroupReader[] = []
  #deadLetters: HeldSender | undefined
  #isStopped = false

  constructor(entry: RouteEntry, plan: ConsumerPlan) {
    this.#entry = entry
    this.#plan = plan
    this.#link = new Link(entry)
  }

  /** Resolves when the members have their partitions, or the brokers could not be reached: then it goes on trying. */
  async start(signal: AbortSignal): Promise<void> {
    const { settings, connection, connections } = this.#plan
    const client = await connections.client(connection)
    signal.throwIfAborted()
    if (settings.failedRecord === 'deadLetter')
      // Whatever the endpoint says: a failed record counts as done once this is written.
      this.#deadLetters = connections.hold(connection, {
        ...senderSettings(settings),
        acks: 'all',
        idempotent: true,
      })
    const failed = new FailedRecords(this.#entry, readerSettings.failures(settings), (records, exchange) =>
      this.#bury(records, exchange),
    )
    this.#readers = Array.from({ length: settings.consumersCount }, (_, at) => {
      const name = `member ${at + 1}`
      const parts = readerSettings.reader(this.#plan, at)
      const onStop = (error: unknown) => this.#stop(error)
      return new GroupReader({ ...parts, name, entry: this.#entry, client, failed, link: this.#link, onStop })
    })
    await Promise.race([Promise.all(this.#readers.map(reader => reader.start())), aborted(signal)])
    signal.throwIfAborted()
  }

  quiesce(): void {
    for (const reader of this.#readers) reader.hold()
  }

  resume(): void {
    if (!this.#isStopped) for (const reader of this.#readers) reader.release()
  }

  async close(): Promise<void> {
    await this.#leave()
    await this.#deadLetters?.letGo()
  }

  /** A failed record is not to be passed: the others of the group may go on with the rest. */
  #stop(error: unknown): void {
    if (this.#isStopped) return
    this.#isStopped = true
    this.quiesce()
    this.#link.ended(error)
    void this.#leave()
  }

  async #leave(): Promise<void> {
    const readers = this.#readers
    this.#readers = []
    await Promise.all(readers.map(reader => reader.close(this.#plan.settings.commitTimeoutMs)))
  }

  async #bury(records: readonly KafkaRecord[], exchange: Exchange): Promise<void> {
    await this.#deadLetters?.sender.send(exchange, records, false)
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
}
