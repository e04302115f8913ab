import { setTimeout as wait } from 'node:timers/promises'
import type { KafkaServer } from '@dromedary/test-servers/kafka'
import { type Millis, monotonic } from '../log/events.ts'

/** Between two looks. */
const LOOK_MS = 5
/** After a look that failed: the broker may be away. */
const FAILED_MS = 50

interface Sight {
  readonly at: Millis
  /** The last stable offset: a reader of committed data sees everything before it. */
  readonly end: number
}

/** When readers of committed data could see each record of a partition first: asks the broker, again and again. */
export class Visibility implements AsyncDisposable {
  readonly #broker: KafkaServer
  readonly #topic: string
  readonly #sights: Sight[] = []
  readonly #running: Promise<void>
  #over = false

  constructor(broker: KafkaServer, topic: string) {
    this.#broker = broker
    this.#topic = topic
    this.#running = this.#run()
  }

  /** Undefined where nobody looked any more. */
  seenAt(offset: number): Millis | undefined {
    return this.#sights.find(({ end }) => end > offset)?.at
  }

  async #run(): Promise<void> {
    while (!this.#over) {
      const end = await this.#broker.endOffset(this.#topic).catch(() => undefined)
      const last = this.#sights.at(-1)?.end ?? 0
      if (end !== undefined && end > last) this.#sights.push({ at: monotonic(), end })
      await wait(end === undefined ? FAILED_MS : LOOK_MS)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over = true
    await this.#running
  }
}
