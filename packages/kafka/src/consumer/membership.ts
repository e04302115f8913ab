import { type Clock, DromedaryError, type Logger, sleep } from '@dromedary/core/component'
import { backOff } from '../client/back-off.ts'
import type { KafkaClient, PortMember } from '../client/port.ts'
import type { Link } from './link.ts'
import type { Subscription } from './topics.ts'

export interface MembershipParts {
  readonly name: string
  readonly clock: Clock
  readonly log: Logger
  readonly client: KafkaClient
  readonly member: PortMember
  readonly subscription: Subscription
  readonly link: Link
  readonly metadataMaxAgeMs: number
  readonly retryBackoffMs: number
  readonly retryBackoffMaxMs: number
  /** These are the topics, and so many partitions they have, before they are joined for. */
  readonly onTopics: (topics: ReadonlyMap<string, number>) => void
  /** A try failed, or there is nothing to join for. */
  readonly onVain: () => void
}

/** A topic that does not exist yet is looked for this often. */
const MISSING_TOPIC_MS = 5_000

/** Joins the group whenever that is needed, and looks for what has changed about the topics. */
export class Membership {
  readonly #parts: MembershipParts
  /** Aborts when the member has to join again. */
  #wake = new AbortController()
  #mustJoin = true
  #known = ''
  #saidMissing = ''

  constructor(parts: MembershipParts) {
    this.#parts = parts
  }

  /** Until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, metadataMaxAgeMs, retryBackoffMs, retryBackoffMaxMs } = this.#parts
    for (let attempt = 1; !signal.aborted; ) {
      let waitMs = metadataMaxAgeMs
      this.#wake = new AbortController()
      try {
        const isComplete = await this.#look(signal)
        if (!isComplete) waitMs = Math.min(waitMs, MISSING_TOPIC_MS)
        attempt = 1
      } catch (error) {
        this.#mustJoin = true
        this.failed(error, 'join')
        waitMs = backOff(attempt++, retryBackoffMs, retryBackoffMaxMs, Math.random)
      }
      if (!signal.aborted) await sleep(clock, waitMs, AbortSignal.any([signal, this.#wake.signal]))
    }
  }

  /** It is no member any more. */
  lost(error: unknown): void {
    this.failed(error, 'join')
    this.#mustJoin = true
    this.#wake.abort()
  }

  /** Reports a failure to read. */
  failed(error: unknown, what: string): void {
    const { link, client, name, subscription, onVain } = this.#parts
    const why = `cannot read ${subscription.text} from Kafka, and trying again: ${client.explain(error)}`
    link.failed(`${name} ${what}`, new DromedaryError('DROMEDARY_KAFKA_READ', why, { cause: error }))
    onVain()
  }

  /** Whether all topics exist. */
  async #look(signal: AbortSignal): Promise<boolean> {
    const { member, subscription, onTopics, onVain, link, name } = this.#parts
    const topics = await subscription.existing(member)
    if (signal.aborted) return true
    onTopics(topics)
    const missing = subscription.names.filter(topic => !topics.has(topic))
    this.#missing(missing.join(', '), topics.size > 0)
    if (topics.size === 0) onVain()
    else {
      const text = JSON.stringify([...topics])
      if (this.#mustJoin || text !== this.#known) {
        this.#mustJoin = false
        await member.join([...topics.keys()])
        this.#known = text
      }
      link.works(`${name} join`)
    }
    return missing.length === 0
  }

  /** Says so once; where nothing else can be read it is a fault, too. */
  #missing(topics: string, areOthers: boolean): void {
    const { link, name, log } = this.#parts
    if (topics === '' || areOthers) link.drop(`${name} topics`)
    else link.failed(`${name} topics`, new DromedaryError('DROMEDARY_KAFKA_READ', `there is no topic ${topics}`))
    if (areOthers && topics !== '' && topics !== this.#saidMissing) log.warn(`there is no topic ${topics} yet`)
    this.#saidMissing = topics
  }
}
