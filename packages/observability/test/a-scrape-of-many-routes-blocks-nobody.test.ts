import perfHooks from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'
import { createContext, from, silentSink } from '@dromedary/core'
import { FakeClock } from '@dromedary/testing'
import { expect, it, vi } from 'vitest'
import { ClusterWatch } from '../src/leadership/cluster-watch.ts'
import { exposition, type ReadMetric } from '../src/metrics/metric.ts'
import { metricsOf } from '../src/metrics/metrics.ts'
import { RouteTimers } from '../src/metrics/route-timer.ts'

it('writes long texts a slice at a time, and gives others a turn after each', async () => {
  let made = ''
  const slices: number[] = []
  const metric = (name: string, count: number): ReadMetric => ({
    name,
    type: 'gauge',
    help: 'h',
    *lines() {
      for (let at = 0; at < count; at++) {
        const one = `${name} ${at}\n`
        made += one
        yield one
      }
    },
  })
  const turn = async () => {
    slices.push(made.length)
    made = ''
  }
  const text = await exposition([metric('a', 20_000), metric('b', 3), metric('c', 20_000)], turn)
  expect(slices.length).toBeGreaterThan(3)
  expect(Math.max(...slices)).toBeLessThan(70_000)
  expect(text).toContain('# HELP b h\n# TYPE b gauge\nb 0\nb 1\nb 2\n\n# HELP c h\n# TYPE c gauge\nc 0\n')
  expect(text.split('\n').filter(line => /^[ac] \d/.test(line))).toHaveLength(40_000)
})

it('that is of routes lets the event loop go on, and is of one moment all the same', async () => {
  const clock = new FakeClock()
  const meter = new RouteTimers()
  const routes = Array.from({ length: 600 }, (_, at) => from(`direct:r${at}`).routeId(`r${at}`).log('x'))
  const context = createContext({ name: 'app', clock, log: silentSink, meter, routes })
  await context.start()
  const send = await context.template.sender('direct:r599')
  const read = metricsOf(context, meter, new ClusterWatch(clock))
  let turns = 0
  let text: string | undefined
  const scrape = read().then(got => {
    text = got
  })
  while (text === undefined) {
    turns++
    await send(context.createExchange())
    await setImmediate()
  }
  await scrape
  expect(turns).toBeGreaterThan(3)
  const value = (name: string) =>
    text?.match(new RegExp(`^${name}{camelContext="app",routeId="r599"} (\\d+)$`, 'm'))?.[1]
  expect(value('camel_exchanges_succeeded_total')).toBe(value('camel_exchanges_total'))
  await context.stop()
})

it('writes any name so that Prometheus reads it', async () => {
  const clock = new FakeClock()
  const meter = new RouteTimers()
  const routes = [from('direct:a').routeId('a"b\\c\nd{').log('x')]
  const context = createContext({ name: 'it\'s "one"', clock, log: silentSink, meter, routes })
  await context.start()
  const text = await metricsOf(context, meter, new ClusterWatch(clock))()
  await context.stop()
  expect(text.split('\n')).toContain(
    'camel_exchanges_total{camelContext="it\'s \\"one\\"",routeId="a\\"b\\\\c\\nd{"} 0',
  )
})

it('of a process watches its event loop once, however many applications have run there', async () => {
  const watching = vi.spyOn(perfHooks, 'monitorEventLoopDelay')
  const clock = new FakeClock()
  for (let at = 0; at < 3; at++) {
    const context = createContext({ name: 'app', clock, log: silentSink, routes: [] })
    const text = await metricsOf(context, new RouteTimers(), new ClusterWatch(clock))()
    expect(text.match(/^nodejs_eventloop_lag_seconds /gm)).toHaveLength(1)
  }
  expect(watching.mock.calls.length).toBeLessThanOrEqual(1)
})
