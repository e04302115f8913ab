import { type Component, defineComponent, type Exchange, type RouteEntry } from '@dromedary/core/component'

/** `pulse:name` consumes as fast as the route takes it, once a millisecond, by timers and by immediates. */
export const pulse = defineComponent({
  scheme: 'pulse',
  title: 'Makes exchanges for fault scenarios.',
  syntax: 'name',
  path: { name: 'Of no meaning.' },
  consumes: true,
  produces: false,
  endpoint: ({ uri }) => ({ uri, consumer: entry => new PulseConsumer(entry) }),
})

class PulseConsumer {
  readonly #entry: RouteEntry
  #running = false

  constructor(entry: RouteEntry) {
    this.#entry = entry
  }

  start(): void {
    this.#running = true
    void this.#run()
  }

  quiesce(): void {
    this.#running = false
  }

  close(): void {}

  async #run(): Promise<void> {
    while (this.#running) {
      await this.#entry.process(this.#entry.createExchange())
      await new Promise(resolve => setTimeout(resolve, 1))
      // A frozen process that wakes runs what is queued before it looks at any timer.
      await new Promise(resolve => setImmediate(resolve))
    }
  }
}

/** `record:name` leaves the process: it writes each exchange down. */
export const record = (take: (exchange: Exchange) => void): Component =>
  defineComponent({
    scheme: 'record',
    title: 'Writes exchanges down for fault scenarios.',
    syntax: 'name',
    path: { name: 'Of no meaning.' },
    consumes: false,
    produces: true,
    endpoint: ({ uri }) => ({ uri, producer: () => ({ external: true, send: take }) }),
  })
