import { createContext, from, isDromedaryError, type RouteSource, silentSink } from '@dromedary/core'
import type { Measurement } from './measurement.ts'

const HOPS = 10_000

/** Long chains of `direct:`, and what a timer elsewhere feels of a million synchronous route calls. */
export async function depth(quick: boolean): Promise<Measurement> {
  const hops = await chain()
  const recursion = await endlessRecursion()
  const calls = quick ? 100_000 : 1_000_000
  const { lagMs, tookMs } = await timerLag(calls)
  return {
    name: 'depth',
    line: [
      `depth ${HOPS.toLocaleString('en-US')} direct: hops with a filter each ${hops.toFixed(0)} ms`,
      `a route that calls itself ends with ${recursion}`,
      `timer lag ${lagMs.toFixed(1)} ms at most during ${calls.toLocaleString('en-US')} route calls in ${tookMs.toFixed(0)} ms`,
    ].join('; '),
    figures: { hopsMs: hops, lagMs, callsMs: tookMs },
  }
}

async function chain(): Promise<number> {
  let arrived = 0
  const hop = (i: number) => from(`direct:hop${i}`).filter("${body} contains 'x'")
  const routes: RouteSource[] = []
  for (let i = 0; i < HOPS - 1; i++)
    routes.push(
      hop(i)
        .to(`direct:hop${i + 1}`)
        .end(),
    )
  routes.push(
    hop(HOPS - 1)
      .process(() => void arrived++)
      .end(),
  )
  const context = createContext({ name: 'depth', routes, log: silentSink })
  await context.start()
  const send = await context.template.sender('direct:hop0')
  const times: number[] = []
  for (let i = 0; i < 5; i++) {
    const exchange = context.template.createExchange('x')
    const start = performance.now()
    await send(exchange)
    times.push(performance.now() - start)
    if (exchange.exception !== undefined) throw exchange.exception
  }
  await context.stop()
  if (arrived !== times.length) throw new Error(`${arrived} of ${times.length} exchanges came through the chain`)
  return Math.min(...times)
}

/** The code of the error in which a route ends that calls itself for ever. */
async function endlessRecursion(): Promise<string> {
  const context = createContext({
    name: 'recursion',
    routes: [from('direct:again').to('direct:again')],
    log: silentSink,
  })
  await context.start()
  const exchange = context.template.createExchange('x')
  await context.template.send('direct:again', exchange)
  await context.stop()
  const { exception } = exchange
  if (!isDromedaryError(exception, 'DROMEDARY_CALLS_TOO_DEEP')) throw new Error(`ended otherwise: ${exception}`)
  return exception.code
}

async function timerLag(calls: number): Promise<{ lagMs: number; tookMs: number }> {
  let seen = 0
  const routes = [from('direct:a').to('direct:b'), from('direct:b').process(() => void seen++)]
  const context = createContext({ name: 'lag', routes, log: silentSink })
  await context.start()
  const send = await context.template.sender('direct:a')
  const PERIOD_MS = 5
  let lagMs = 0
  let before = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    lagMs = Math.max(lagMs, now - before - PERIOD_MS)
    before = now
  }, PERIOD_MS)
  const start = performance.now()
  for (let i = 0; i < calls; i++) {
    const pending = send(context.template.createExchange('x'))
    if (pending !== undefined) await pending
  }
  const tookMs = performance.now() - start
  // A timer that never had its turn is as late as the whole run.
  lagMs = Math.max(lagMs, performance.now() - before - PERIOD_MS)
  clearInterval(timer)
  await context.stop()
  if (seen !== calls) throw new Error(`${seen} of ${calls} calls arrived`)
  return { lagMs, tookMs }
}
