import { FakeClock } from '../../../testing/src/fake-clock.ts'
import { type Context, type ContextOptions, createContext, type RouteSource } from '../../src/index.ts'
import { keepingSink } from './log.ts'
import { sinks } from './sink.ts'
import { sources } from './source.ts'

/** A started context with `source:` and `sink:`, a fake clock and a log that is kept. */
export async function running(routes: RouteSource[], options: Partial<ContextOptions> = {}) {
  const input = sources()
  const outside = sinks({ external: true })
  const sink = sinks()
  const log = keepingSink()
  const clock = new FakeClock()
  const outer = { ...outside.component, scheme: 'outside' }
  const context: Context = createContext({
    log,
    clock,
    ...options,
    routes,
    components: [input.component, sink.component, outer, ...(options.components ?? [])],
  })
  await context.start()
  return { context, clock, log, source: input.source('in'), sources: input, sink, outside }
}
