import { describe, expect, it } from 'vitest'
import {
  defineComponent,
  type Exchange,
  type ResumeFailures,
  type ResumePlace,
  type RouteEntry,
} from '../src/component.ts'
import { createContext, from, type RouteSource, silentSink } from '../src/index.ts'

/** A source that a test feeds by hand. */
function source() {
  const entries: RouteEntry[] = []
  const component = defineComponent({
    scheme: 'feed',
    title: 'A feed.',
    syntax: 'name',
    path: { name: 'Any.' },
    consumes: true,
    produces: false,
    endpoint: at => ({
      uri: at.uri,
      consumer: entry => ({ start: () => void entries.push(entry), quiesce() {}, close() {} }),
    }),
  })
  return { entries, component }
}

/** Keeps positions in memory. */
class Kept {
  readonly updates: [position: unknown, failures: ResumeFailures][] = []
  readonly loads: ResumePlace[] = []
  position: unknown
  load = async (place: ResumePlace) => {
    this.loads.push(place)
    return this.position
  }
  update = (_: Exchange, position: unknown, failures: ResumeFailures) => void this.updates.push([position, failures])
}

async function running(routes: RouteSource[], beans: Record<string, unknown> = {}) {
  const { entries, component } = source()
  const context = createContext({ components: [component], routes, beans, log: silentSink })
  await context.start()
  const entry = entries[0] as RouteEntry
  const send = (body: unknown) => {
    const exchange = entry.createExchange(body)
    return Promise.resolve(entry.process(exchange)).then(() => exchange)
  }
  return { context, entries, send, position: () => entry.resumePosition(new AbortController().signal) }
}

const by = (kept: Kept, more: object = {}) =>
  from('feed:a')
    .routeId('feed')
    .resumable({ position: '${body[seq]}', strategy: kept, ...more })

describe('resumable', () => {
  it('tells the strategy each position in order, before the steps after it run', async () => {
    const kept = new Kept()
    const seen: number[] = []
    const { send, context } = await running([by(kept).process(() => void seen.push(kept.updates.length))])
    await send({ seq: 7 })
    await send({ seq: 8 })
    expect(kept.updates).toEqual([
      [7, 'stop'],
      [8, 'stop'],
    ])
    expect(seen).toEqual([1, 2])
    await context.stop()
  })

  it('resumes after what this run saw, else after what was kept; a restart asks anew', async () => {
    const kept = new Kept()
    kept.position = 41
    const { send, context, entries, position } = await running([by(kept)])
    expect(await position()).toBe(41)
    expect(kept.loads[0]?.routeId).toBe('feed')
    await send({ seq: 42 })
    expect(await position()).toBe(42)
    expect(kept.loads).toHaveLength(1)
    kept.position = 40
    await context.route('feed').stop()
    await context.route('feed').start()
    expect(await entries.at(-1)?.resumePosition(new AbortController().signal)).toBe(40)
    await context.stop()
  })

  it('tells the strategy of each start of the route before its consumer starts, also of one that replaces it', async () => {
    const told: string[] = []
    const { entries, component } = source()
    const kept = (name: string) =>
      Object.assign(new Kept(), { starts: (routeId: string) => void told.push(`${name} ${routeId} ${entries.length}`) })
    const old = by(kept('old'))
    const context = createContext({ components: [component], routes: [old], log: silentSink })
    await context.start()
    await context.route('feed').stop()
    await context.route('feed').start()
    const now = by(kept('new'))
    await context.changeRoutes([now])
    expect(told).toEqual(['old feed 0', 'old feed 1', 'new feed 2'])
    await context.stop()
  })

  it('another term asks anew, and the strategy is told whose position it is', async () => {
    const kept = new Kept()
    kept.position = 1
    const { context, entries, send } = await running([by(kept)])
    await send({ seq: 9 })
    const leadership = { term: 5n } as never
    expect(await entries[0]?.resumePosition(new AbortController().signal, leadership)).toBe(1)
    expect(kept.loads.at(-1)?.leadership).toBe(leadership)
    await context.stop()
  })

  it('a route without the step has no position', async () => {
    const { context, position } = await running([from('feed:a')])
    expect(await position()).toBeUndefined()
    await context.stop()
  })

  it('fails a message without a position, unless it is intermittent', async () => {
    const kept = new Kept()
    const strict = await running([by(kept)])
    const failed = await strict.send({})
    expect(failed.exception).toMatchObject({ code: 'DROMEDARY_EXPRESSION_FAILED' })
    await strict.context.stop()
    const lenient = await running([by(kept, { intermittent: true, failures: 'pass' })])
    expect((await lenient.send({})).exception).toBeUndefined()
    await lenient.send({ seq: 1 })
    expect(kept.updates).toEqual([[1, 'pass']])
    await lenient.context.stop()
  })

  it('takes a bean, and refuses what cannot keep positions, at start', async () => {
    const kept = new Kept()
    const named = await running([from('feed:a').resumable({ position: '${body}', strategy: '#bean:kept' })], { kept })
    await named.send('p')
    expect(kept.updates).toEqual([['p', 'stop']])
    await named.context.stop()
    const refused = (strategy: string) => running([from('feed:a').resumable({ position: '${body}', strategy })])
    await expect(refused('#nobody')).rejects.toMatchObject({ code: 'DROMEDARY_UNKNOWN_BEAN' })
    await expect(refused('mock:x')).rejects.toMatchObject({ code: 'DROMEDARY_UNSUPPORTED' })
  })

  it('a route has one position', async () => {
    const two = by(new Kept()).resumable({ position: '${body}', strategy: new Kept() })
    await expect(running([two])).rejects.toMatchObject({ code: 'DROMEDARY_INVALID_ROUTE' })
  })

  it('a strategy is closed once, when nothing uses it any more, whatever was refused before', async () => {
    const calls: unknown[] = []
    const strategy = {
      load: async () => undefined,
      update: (_: Exchange, position: unknown) => void calls.push(position),
      close: () => void calls.push('close'),
    }
    const feed = (id: string) => from(`feed:${id}`).routeId(id).resumable({ position: '${body}', strategy })
    const kept = from('feed:kept').routeId('kept').log('x')
    const { context, entries } = await running([kept])
    // A typing error elsewhere; then it is mended.
    await expect(context.changeRoutes([kept, feed('a'), from('nosuch:x' as string)])).rejects.toThrow(/nosuch/)
    await context.changeRoutes([kept, feed('a')])
    const a = entries.at(-1) as RouteEntry
    await a.process(a.createExchange(1))
    // One takes over from the other, and does not start by itself.
    await context.changeRoutes([kept, feed('b').autoStartup(false)])
    await context.route('b').start()
    const b = entries.at(-1) as RouteEntry
    await b.process(b.createExchange(2))
    expect(calls).toEqual([1, 2])
    await context.stop()
    expect(calls).toEqual([1, 2, 'close'])
  })

  it('a strategy that a change takes away is closed by it', async () => {
    const calls: string[] = []
    const strategy = { load: async () => undefined, update: () => {}, close: () => void calls.push('close') }
    const { context } = await running([from('feed:a').resumable({ position: '${body}', strategy })])
    await context.changeRoutes([from('feed:a').log('x')])
    expect(calls).toEqual(['close'])
    await context.stop()
    expect(calls).toEqual(['close'])
  })
})
