import type { RouteSource } from '@dromedary/core'
import { type Consumer, defineComponent, type Exchange, sleep } from '@dromedary/core/component'
import { type Node, World } from './cluster-kit.ts'

export type Fire = (exchange: Exchange) => void

/** Members whose routes are changed: with delegates that warm up, and with what cannot start. */
export class ChangeWorld extends World {
  /** Consumers of one name that are started and not closed, by member and name. */
  readonly #live = new Map<string, Set<object>>()
  /** How many there were at the worst. */
  atOnce = 0

  /** Two members with the same routes, after one of them has begun to lead. */
  async two(routes: (fire: Fire) => RouteSource[], shutdownTimeout = 45_000) {
    const fires = new Map<Node, Fire>()
    for (let count = 0; count < 2; count++) {
      let made: Fire = () => {}
      const own = (fire: Fire) => {
        made = fire
        return routes(fire)
      }
      const node = await this.node(own, shutdownTimeout, [this.#warm, broken, hangs])
      fires.set(node, made)
    }
    await this.clock.advance(20_000)
    const leader = this.nodes.find(node => node.member.self.id === this.fired.at(-1)?.member)
    const follower = this.nodes.find(node => node !== leader)
    if (leader === undefined || follower === undefined) throw new Error('nobody leads')
    return { leader, follower, fire: fires.get(leader) as Fire }
  }

  /** `warm:x` brings an exchange each second, and takes two seconds to warm up unless it is called cold. */
  readonly #warm = defineComponent({
    scheme: 'warm',
    title: 'Warms up.',
    syntax: 'name',
    path: { name: 'Any.' },
    lenient: true,
    consumes: true,
    produces: false,
    endpoint: ({ uri, path, init }) => {
      const { clock } = init.context
      const place = `${init.context.name} ${path.name}`
      const live = this.#live.get(place) ?? new Set()
      this.#live.set(place, live)
      return {
        uri,
        ...(!uri.includes('cold') && { warmUp: () => sleep(clock, 2_000).then(() => {}) }),
        consumer: entry => {
          const me = {}
          let stop = () => {}
          const next = () => {
            const timer = clock.setTimeout(() => {
              next()
              void entry.process(entry.createExchange('tick'))
            }, 1_000)
            stop = () => timer.cancel()
          }
          const consumer: Consumer = {
            start: () => {
              live.add(me)
              this.atOnce = Math.max(this.atOnce, live.size)
              next()
            },
            quiesce: () => stop(),
            close: () => {
              stop()
              live.delete(me)
            },
          }
          return consumer
        },
      }
    },
  })
}

/** Cannot start, as is known after half a second. */
const broken = defineComponent({
  scheme: 'broken',
  title: 'Cannot start.',
  syntax: 'name',
  path: { name: 'Any.' },
  consumes: true,
  produces: false,
  endpoint: ({ uri }) => ({
    uri,
    consumer: ({ clock }) => ({
      start: async () => {
        await sleep(clock, 500)
        throw new Error('broken')
      },
      quiesce: () => {},
      close: () => {},
    }),
  }),
})

/** Starts only to give up. */
const hangs = defineComponent({
  scheme: 'hangs',
  title: 'Hangs in its start.',
  syntax: 'name',
  path: { name: 'Any.' },
  lenient: true,
  consumes: true,
  produces: false,
  endpoint: ({ uri }) => ({
    uri,
    consumer: () => ({
      start: signal =>
        new Promise((_, reject) =>
          signal.addEventListener('abort', () => reject(new Error('gave up')), { once: true }),
        ),
      quiesce: () => {},
      close: () => {},
    }),
  }),
})
