import { FakeClock } from '../../../testing/src/fake-clock.ts'
import { settle } from '../../../testing/src/settle.ts'
import { type Consumer, defineComponent, type RouteEntry } from '../../src/component.ts'
import { type Context, createContext, type Exchange, type RouteSource } from '../../src/index.ts'
import { keepingSink } from './log.ts'

/** What consumers do beyond noting that they were called, by their URI without the scheme. */
export interface Script {
  make?(uri: string, nth: number): void
  start?(uri: string, signal: AbortSignal): void | Promise<void>
  close?(uri: string): void | Promise<void>
  readonly canResume?: boolean
}

/** How an exchange ended. */
export interface Outcome {
  state: 'under way' | 'completed' | 'failed'
  error?: unknown
}

/** A context with `res:`, whose consumers follow a script, and `snk:`, which takes all. */
export class ScriptedStage {
  readonly clock = new FakeClock()
  readonly log = keepingSink()
  /** Of consumers, in order: `start x`, `started x`, `quiesce x` … */
  readonly calls: string[] = []
  readonly sent: unknown[] = []
  /** That are open. */
  readonly producers = new Set<string>()
  readonly #script: Script
  readonly #entries = new Map<string, RouteEntry>()
  readonly #made = new Map<string, number>()
  readonly #contexts: Context[] = []

  constructor(script: Script = {}) {
    this.#script = script
  }

  context(routes: RouteSource[]): Context {
    const components = [this.#resource(), this.#sink()]
    const context = createContext({ routes, components, clock: this.clock, log: this.log, shutdownTimeout: 45_000 })
    this.#contexts.push(context)
    return context
  }

  async started(routes: RouteSource[]): Promise<Context> {
    const context = this.context(routes)
    await this.during(context.start())
    return context
  }

  /** Stops what was made, whatever comes of it. */
  async end(): Promise<void> {
    for (const context of this.#contexts) await this.during(context.stop()).catch(() => {})
  }

  /** Waits for a promise while time passes. */
  async during<T>(work: Promise<T>): Promise<T> {
    let isDone = false
    const done = () => {
      isDone = true
    }
    work.then(done, done)
    await settle()
    for (let ms = 0; !isDone && ms < 200_000; ms += 500) await this.clock.advance(500)
    if (!isDone) throw new Error('it did not end')
    return work
  }

  /** Brings one in by the consumer that started last. */
  bring(uri: string, body: unknown = 'x'): Outcome {
    const entry = this.#entries.get(uri)
    if (entry === undefined) throw new Error(`nothing has started from ${uri}`)
    const exchange = entry.createExchange(body)
    const outcome: Outcome = { state: 'under way' }
    exchange.unitOfWork.addSynchronization({
      onComplete: () => {
        outcome.state = 'completed'
      },
      onFailure: failed => {
        outcome.state = 'failed'
        outcome.error = failed.exception
      },
    })
    void entry.process(exchange)
    return outcome
  }

  #resource() {
    return defineComponent({
      scheme: 'res',
      title: 'Follows a script.',
      syntax: 'name',
      path: { name: 'Name.' },
      lenient: true,
      consumes: true,
      produces: false,
      endpoint: ({ uri }) => ({ uri, consumer: entry => this.#consumer(entry, uri.replace('res://', '')) }),
    })
  }

  #consumer(entry: RouteEntry, uri: string): Consumer {
    const nth = (this.#made.get(uri) ?? 0) + 1
    this.#made.set(uri, nth)
    const { calls } = this
    const script = this.#script
    script.make?.(uri, nth)
    return {
      ...(script.canResume && { resume: () => void calls.push(`resume ${uri}`) }),
      join: () => {},
      start: async signal => {
        calls.push(`start ${uri}`)
        await script.start?.(uri, signal)
        this.#entries.set(uri, entry)
        calls.push(`started ${uri}`)
      },
      quiesce: () => void calls.push(`quiesce ${uri}`),
      close: async () => {
        calls.push(`close ${uri}`)
        await script.close?.(uri)
      },
    }
  }

  #sink() {
    return defineComponent({
      scheme: 'snk',
      title: 'Takes all.',
      syntax: 'name',
      path: { name: 'Name.' },
      consumes: false,
      produces: true,
      endpoint: ({ uri }) => ({
        uri,
        producer: () => ({
          external: true,
          start: () => void this.producers.add(uri),
          send: (exchange: Exchange) => void this.sent.push(exchange.body),
          close: () => void this.producers.delete(uri),
        }),
      }),
    })
  }
}

export const statuses = (context: Context): string[] => context.routes.map(({ id, status }) => `${id} ${status}`)
