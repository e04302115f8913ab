import { afterEach, expect, it } from 'vitest'
import { createContext, from, deadLetterChannel, noErrorHandler, silentSink, defaultErrorHandler, type Context } from '../src/index.ts'
import { stack } from '../src/runtime/stack.ts'
import { sinks } from './support/sink.ts'
import { sources } from './support/source.ts'
import { keepingSink } from './support/log.ts'
const tick = () => new Promise(r => setImmediate(r))
let input = sources(), sink = sinks(), context: Context, log = keepingSink()
const make = (routes: any[], o: any = {}) => { input = sources(); log = keepingSink(); context = createContext({ log, shutdownTimeout: 200, routes, components: [input.component, sink.component], ...o }); return context }
afterEach(async () => { await context?.stop(); sink = sinks() })

for (const [name, eh] of [['default', defaultErrorHandler()], ['none', noErrorHandler()], ['dlc', deadLetterChannel('direct:dead')]] as const)
it('drift near the end of the stack ' + name, async () => {
  await make([from('source:in').routeId('a').errorHandler(eh).to('direct:b').process(() => {}), from('direct:b').routeId('b').errorHandler(eh).setBody('${body}x').process(() => {}), from('direct:dead').routeId('dead').process(() => {})]).start()
  const s = input.source('in')
  let threw = 0, pend: any[] = []
  const deep = (n: number): void => { if (n > 0) return deep(n - 1); try { const r = s.bring(1).done; if (r) pend.push(r) } catch { threw++ } }
  let max = 0
  const probe = () => { max++; probe() }
  try { probe() } catch {}
  for (let n = Math.floor(max * 0.3); n < max * 1.2; n += 1) { try { deep(n) } catch { } }
  await Promise.allSettled(pend); await tick()
  console.log(name, 'max', max, 'threw', threw, context.routes.map(r => JSON.stringify(r.statistics)), stack.depth)
}, 60000)
it('resume that fails', async () => {
  const calls: string[] = []; let bad = true
  const comp: any = { scheme: 'r', meta: {} , endpoint: () => ({ uri: 'r://x', consumer: () => { const id = calls.length; return { start: () => void calls.push('start'), quiesce() {}, resume: () => { if (bad) throw new Error('no') }, close: () => void calls.push('close') } } }) }
  context = createContext({ log, routes: [from('r:x' as any).routeId('r')], components: [comp] })
  await context.start(); const r = context.route('r')
  await r.suspend(); await r.resume().catch(() => {})
  expect(r.status).toBe('failed')
  await r.start(); expect(calls).toEqual(['start', 'close', 'start'])
  await context.stop(); expect(calls).toEqual(['start', 'close', 'start', 'close'])
})
it('nested scope asks both', async () => {
  await make([from('source:in').process(() => {})]).start()
  const g = () => ({ signal: new AbortController().signal, ok: true, accepts() { return true }, isValid() { return this.ok } })
  const a = g(), b = g()
  const outer = (input.source('in').entry as any).scope(a); const inner = outer.entry.scope(b)
  const e = inner.entry.createExchange(1); inner.entry.process(e)
  b.ok = false; expect(e.guard.isValid()).toBe(false); b.ok = true; a.ok = false; expect(e.guard.isValid()).toBe(false)
  expect([outer.inFlight, inner.inFlight]).toEqual([0, 0])
})
it('stop from the starting event', async () => {
  await make([from('source:in').routeId('r')])
  input.source('in').onStart = signal => new Promise((_, no) => { if (signal.aborted) no(new Error('ab')); signal.addEventListener('abort', () => no(new Error('aborted'))) })
  context.events.subscribe(e => { if (e.type === 'route' && e.status === 'starting') void context.stop() })
  const r = context.start().catch(e => e)
  expect(await Promise.race([r, new Promise(r2 => setTimeout(r2, 500, 'hang'))])).toMatchObject({ message: expect.stringContaining('could not start') })
})
for (const at of ['starting', 'started', 'stopping', 'stopped']) it('context.stop in context event ' + at, async () => {
  await make([from('source:in').routeId('r').to('sink:a')])
  context.events.subscribe(e => { if (e.type === 'context' && e.status === at) void context.stop() })
  await context.start().catch(() => {}); await context.stop(); expect(context.status).toBe('stopped')
  expect(input.source('in').calls.join(' ')).toMatch(/^(start started quiesce close)?$/)
  expect(sink.events.join(' ')).toMatch(/^(start a close a)?$/)
})
it('stop in called route block ends the caller too (Camel), UoW completes', async () => {
  await make([from('source:in').filter('${body} == 1').to('direct:b').end().to('sink:after'), from('direct:b').choice().when('${body} == 1').stop().end().to('sink:b')]).start()
  const ends: string[] = []
  await input.source('in').bring(1, e => e.unitOfWork.addSynchronization({ onComplete: () => void ends.push('c'), onFailure: () => void ends.push('f') })).done
  expect(sink.bodies).toEqual([]); expect(ends).toEqual(['c'])
})
it('subscribe mid exchange', async () => {
  const g = Promise.withResolvers<void>()
  await make([from('source:in').process(() => g.promise).filter('${body} == 1').to('direct:b').end().to('sink:a'), from('direct:b').to('sink:b')]).start()
  const { done } = input.source('in').bring(1)
  const ev: any[] = []; const sub = context.exchanges.subscribe(e => { ev.push(e.type); if (ev.length === 2) sub.unsubscribe() })
  g.resolve(); await done; expect(sink.bodies).toEqual([1, 1])
  expect(context.routes.map(r => r.statistics.inFlight)).toEqual([0, 0])
})
it('signal heap', async () => {
  await make([from('source:in').to('direct:b'), from('direct:b').routeId('b').autoStartup(false).to('sink:o')]).start()
})
it('openCalls drift', async () => {
  let n = 0
  await make([from('source:in').errorHandler(defaultErrorHandler({ maximumRedeliveries: 3, redeliveryDelay: 0 })).to('direct:b'), from('direct:b').errorHandler(noErrorHandler()).process(async () => { if (n++ < 2) throw new Error('x') })]).start()
  const { exchange, done } = input.source('in').bring(1); await done
  expect(exchange.openCalls).toBe(0); expect(context.routes.map(r => r.statistics.inFlight)).toEqual([0, 0])
})
it('10000 async hops', async () => {
  const routes = Array.from({ length: 9000 }, (_, h) => from(`direct:${h}` as string).process(async () => {}).to(`direct:${h + 1}` as string))
  await make([...routes, from('direct:9000').setBody('ok')]).start()
  const t0 = performance.now()
  expect(await context.template.requestBody('direct:0', 1)).toBe('ok'); console.log('async hops', performance.now() - t0, stack.depth)
}, 30000)
it('thenable twice / never / throwing getter', async () => {
  await make([from('source:in').process((e: any) => e.body === 'twice' ? { then(a: any, b: any) { a(); a(); b(new Error('n')) } } : e.body === 'get' ? { get then() { throw new Error('getter') } } : undefined).to('sink:a')]).start()
  const t = input.source('in').bring('twice'); await t.done
  const g = input.source('in').bring('get'); await g.done
  expect(sink.bodies).toEqual(['twice']); expect(g.exchange.exception).toMatchObject({ message: 'getter' })
})
it('slow producer start while stop: never closed while start pending', async () => {
  const calls: string[] = []; const gate = Promise.withResolvers<void>()
  const comp: any = { scheme: 'p', meta: {}, endpoint: () => ({ uri: 'p://x', producer: () => ({ external: true, start: async () => { calls.push('start'); await gate.promise; calls.push('started') }, send() { calls.push('send') }, close: () => void calls.push('close') }) }) }
  context = createContext({ log, routes: [], components: [comp] }); await context.start()
  const s = context.template.sendBody('p:x', 1).catch(e => e); await tick()
  const st = context.stop(); await tick(); gate.resolve(); await st; await s
  expect(calls).toEqual(['start', 'started', 'close'])
})
