import { FakeClock } from '../../../testing/src/fake-clock.ts'
import { sleep } from '../../src/clock.ts'
import { type Consumer, defineComponent, type RouteEntry } from '../../src/component.ts'
import { constant, createContext, type Exchange, from, type RouteSource } from '../../src/index.ts'
import { keepingSink } from './log.ts'

/** What a consumer of one version does at its start. */
export type StartFault = 'slow' | 'fail' | 'hang'

/** An active route, or with a name one that is called. */
export interface Shape {
  readonly id: string
  /** Which exclusive resource it holds; undefined: it is called by `name`. */
  readonly port?: number
  readonly name?: string
  /** Whom it calls. */
  readonly calls?: string
  readonly ms: number
  readonly version: number
}

/** From the URI alone nobody knows that two of them need the same port. */
export const heldBy = (id: string, port: number, version: number): string => `held:${id}?port=${port}&v=${version}`

/** What ran, what was held, and what went wrong with it. */
export class ChangeStage {
  readonly clock = new FakeClock()
  readonly log = keepingSink()
  /** By `port?v=version`. */
  readonly faults = new Map<string, StartFault>()
  readonly wrong: string[] = []
  readonly holders = new Map<string, object>()
  readonly failures: unknown[] = []
  entered = 0
  ended = 0
  producers = 0
  stopped = false
  readonly #pauses = new Map<number, (exchange: Exchange) => Promise<unknown>>()

  context(routes: RouteSource[]) {
    return createContext({
      routes,
      log: this.log,
      clock: this.clock,
      shutdownTimeout: 10_000,
      components: [this.#resource(), this.#sink()],
    })
  }

  /** The same steps for the same shape: a route that did not change is equal to what it was. */
  route({ id, port, name, calls, ms, version }: Shape): RouteSource {
    const begun = from(port === undefined ? `direct:${name}` : heldBy(id, port, version))
    const route = begun.routeId(id).setHeader('v', constant(version)).process(this.#pause(ms))
    return calls === undefined ? route.to(`sink:out?v=${version}`) : route.to(`direct:${calls}`).to('sink:out?v=0')
  }

  #pause(ms: number) {
    const known = this.#pauses.get(ms) ?? (() => sleep(this.clock, ms))
    this.#pauses.set(ms, known)
    return known
  }

  /** Each consumer holds its port alone, and brings an exchange every few milliseconds. */
  #resource() {
    return defineComponent({
      scheme: 'held',
      title: 'Something that one consumer holds.',
      syntax: 'name',
      path: { name: 'Any: what is held is none of its business.' },
      lenient: true,
      consumes: true,
      produces: false,
      endpoint: ({ uri }) => {
        const { searchParams } = new URL(uri)
        return {
          uri,
          consumer: entry => this.#consumer(entry, `${searchParams.get('port')}`, `${searchParams.get('v')}`),
        }
      },
    })
  }

  #consumer(entry: RouteEntry, port: string, version: string): Consumer {
    const me = {}
    const uri = `${port}?v=${version}`
    let timer: { cancel(): void } | undefined
    const beat = () => {
      timer = this.clock.setTimeout(() => {
        this.#bring(entry)
        beat()
      }, 7)
    }
    return {
      start: async signal => {
        const fault = this.faults.get(uri)
        if (this.stopped) this.wrong.push(`${uri} was started after the stop`)
        if (fault === 'hang') {
          await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('gave up'))))
        }
        await sleep(this.clock, fault === 'slow' ? 500 : 1)
        if (fault === 'fail') throw new Error(`${uri} cannot start`)
        if (this.holders.has(port)) throw new Error(`port ${port} is taken`)
        this.holders.set(port, me)
        beat()
      },
      quiesce: () => timer?.cancel(),
      close: () => {
        timer?.cancel()
        if (this.holders.get(port) === me) this.holders.delete(port)
      },
    }
  }

  #bring(entry: RouteEntry) {
    const exchange = entry.createExchange()
    let ends = 0
    const end = () => {
      this.ended++
      if (++ends > 1) this.wrong.push('an exchange ended twice')
    }
    exchange.unitOfWork.addSynchronization({
      onComplete: end,
      onFailure: failed => {
        end()
        this.failures.push(failed.exception)
      },
    })
    this.entered++
    void entry.process(exchange)
  }

  #sink() {
    return defineComponent({
      scheme: 'sink',
      title: 'Takes all.',
      syntax: 'name',
      path: { name: 'Name.' },
      lenient: true,
      consumes: false,
      produces: true,
      endpoint: ({ uri }) => ({
        uri,
        producer: () => ({
          external: true,
          start: () => {
            this.producers++
            if (this.stopped) this.wrong.push(`${uri} was started after the stop`)
          },
          send: () => {},
          close: () => {
            this.producers--
          },
        }),
      }),
    })
  }
}
