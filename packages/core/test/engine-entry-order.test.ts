import { describe, expect, it } from 'vitest'
import { defineComponent, type RouteEntry } from '../src/component.ts'
import { createContext, from, silentSink } from '../src/index.ts'

/** Work that is synchronous and long: timers wait, so the engine lets them have their turn. */
function burn(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end; );
}

async function route(build: (feed: ReturnType<typeof from>) => unknown) {
  let entry: RouteEntry | undefined
  const feed = defineComponent({
    scheme: 'feed',
    title: 'A feed.',
    syntax: 'name',
    path: { name: 'Any.' },
    consumes: true,
    produces: false,
    endpoint: at => ({
      uri: at.uri,
      consumer: one => {
        entry = one
        return { start() {}, quiesce() {}, close() {} }
      },
    }),
  })
  const seen: unknown[] = []
  const context = createContext({
    components: [feed],
    routes: [build(from('feed:a')) as never, from('direct:b').process(({ body }) => void seen.push(body))],
    log: silentSink,
  })
  await context.start()
  return { entry: entry as RouteEntry, seen, context }
}

describe('exchanges that a consumer hands in without awaiting each', () => {
  it.each(['in the route itself', 'through direct:'])(
    'keep their order when timers get their turn in between, %s',
    async where => {
      const seen: unknown[] = []
      let pauses = 0
      const one = await route(feed =>
        where === 'through direct:'
          ? feed.process(({ body }) => Number(body) % 50 === 0 && burn(3)).to('direct:b')
          : feed.process(({ body }) => {
              seen.push(body)
              if (Number(body) % 50 === 0) burn(3)
            }),
      )
      const bodies = Array.from({ length: 20_000 }, (_, index) => index)
      const pending: Promise<void>[] = []
      for (const body of bodies) {
        const result = one.entry.process(one.entry.createExchange(body))
        if (result) {
          pauses++
          pending.push(result)
        }
      }
      await Promise.all(pending)
      expect(pauses).toBeGreaterThan(0)
      const order = where === 'through direct:' ? one.seen : seen
      expect(order).toHaveLength(bodies.length)
      expect(order.every((body, index) => body === index)).toBe(true)
      expect(one.entry.context && one.context.routes[0]?.statistics).toMatchObject({
        total: 20_000,
        inFlight: 0,
        failed: 0,
      })
      await one.context.stop()
    },
  )
})
