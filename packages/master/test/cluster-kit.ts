import { type Context, createContext, from, type LogRecord, type RouteSource } from '@dromedary/core'
import { type Component, defineComponent, duration, type Exchange } from '@dromedary/core/component'
import { FakeClock, type MemoryCluster, type MemoryMember, memoryCluster, settle } from '@dromedary/testing'
import { z } from 'zod'
import { master } from '../src/index.ts'

/** `tick:name?every=1s`: a message each second, by the context's clock. */
export const tick = defineComponent({
  scheme: 'tick',
  title: 'Ticks.',
  syntax: 'name',
  path: { name: 'Any.' },
  options: () => z.object({ every: duration({ min: 1 }).default(1_000).describe('Time between two ticks.') }),
  consumes: true,
  produces: false,
  endpoint: at => ({
    uri: at.uri,
    consumer: entry => {
      let stop = () => {}
      const next = () => {
        const timer = entry.clock.setTimeout(() => {
          next()
          void entry.process(entry.createExchange('tick'))
        }, at.options.every)
        stop = () => timer.cancel()
      }
      return { start: next, quiesce: () => stop(), close: () => stop() }
    },
  }),
})

export interface Fired {
  readonly member: string
  readonly routeId: string
  readonly term: unknown
  readonly at: number
  /** Asked when the exchange ran. */
  readonly valid: boolean | undefined
}

/** A member of the cluster with a context of its own. */
export interface Node {
  readonly member: MemoryMember
  readonly context: Context
  readonly logs: LogRecord[]
}

/** Several members, each with routes of its own, on one fake clock. */
export class World {
  readonly clock = new FakeClock()
  readonly cluster: MemoryCluster = memoryCluster({ clock: this.clock })
  readonly fired: Fired[] = []
  readonly nodes: Node[] = []

  /** `routes` makes the routes of the member; the default one is `master:ns:tick:x`. */
  async node(
    routes: (fire: (exchange: Exchange) => void) => RouteSource[] = this.one,
    shutdownTimeout = 45_000,
    components: readonly Component[] = [],
  ): Promise<Node> {
    const member = this.cluster.member()
    const logs: LogRecord[] = []
    const fire = (exchange: Exchange) => {
      this.fired.push({
        member: member.self.id,
        routeId: exchange.fromRouteId,
        term: exchange.getProperty('DromedaryClusterTerm'),
        at: this.clock.monotonic(),
        valid: exchange.guard?.isValid(),
      })
    }
    const context = createContext({
      name: member.self.id,
      clock: member.clock,
      cluster: member,
      components: [master, tick, ...components],
      shutdownTimeout,
      routes: routes(fire),
      log: { isEnabled: () => true, write: record => void logs.push(record) },
    })
    const node = { member, context, logs }
    this.nodes.push(node)
    await this.during(context.start())
    return node
  }

  one = (fire: (exchange: Exchange) => void): RouteSource[] => [
    from('master:ns:tick:x').routeId('clustered').process(fire),
  ]

  firedBy(node: Node): number {
    return this.fired.filter(one => one.member === node.member.self.id).length
  }

  /** As by SIGKILL: nothing of it is stopped, not even by {@link stop}. */
  kill(node: Node): void {
    node.member.kill()
    this.nodes.splice(this.nodes.indexOf(node), 1)
  }

  /** Waits for a promise while time passes. */
  async during<T>(promise: Promise<T>): Promise<T> {
    let done = false
    const finished = () => {
      done = true
    }
    promise.then(finished, finished)
    await settle()
    for (let turn = 0; !done && turn < 2_000; turn++) await this.clock.advance(100)
    return promise
  }

  async stop(): Promise<void> {
    for (const { context } of this.nodes) await this.during(context.stop())
    await this.during(this.cluster.stop())
  }
}
