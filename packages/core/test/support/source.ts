import { type Consumer, defineComponent, type Exchange, type RouteEntry } from '../../src/component.ts'

/** What a test sees of one `source:name`: its calls in order, and a way to bring exchanges in. */
export class Source {
  readonly calls: string[] = []
  entry: RouteEntry | undefined
  /** Makes `start` wait or fail. */
  onStart: (signal: AbortSignal) => void | Promise<void> = () => {}
  onQuiesce: () => void | Promise<void> = () => {}
  /** Whether a consumer that was quiesced goes on; else it is closed and made anew. */
  canResume = false

  consumer(entry: RouteEntry): Consumer {
    const resume = () => void this.calls.push('resume')
    return {
      ...(this.canResume && { resume }),
      start: async signal => {
        this.calls.push('start')
        this.entry = entry
        await this.onStart(signal)
        this.calls.push('started')
      },
      quiesce: async () => {
        this.calls.push('quiesce')
        await this.onQuiesce()
      },
      close: forced => {
        this.calls.push(forced ? 'close forced' : 'close')
      },
    }
  }

  /** Brings one in; a promise only if the route went asynchronous. */
  bring(body?: unknown, prepare: (exchange: Exchange) => void = () => {}): { exchange: Exchange; done: unknown } {
    const entry = this.entry as RouteEntry
    const exchange = entry.createExchange(body)
    prepare(exchange)
    return { exchange, done: entry.process(exchange) }
  }
}

/** A component `source:` and the sources that it made, by name. */
export function sources() {
  const byName = new Map<string, Source>()
  const source = (name: string) => {
    const known = byName.get(name) ?? new Source()
    byName.set(name, known)
    return known
  }
  const component = defineComponent({
    scheme: 'source',
    title: 'Exchanges that a test brings in.',
    syntax: 'name',
    path: { name: 'Name.' },
    consumes: true,
    produces: false,
    endpoint: ({ path, uri }) => ({ uri, consumer: entry => source(path.name).consumer(entry) }),
  })
  return { component, source }
}
