import { afterEach } from 'vitest'
import { type Context, type ContextOptions, createContext, type RouteSource } from '../../src/index.ts'
import { keepingSink } from './log.ts'
import { sinks } from './sink.ts'
import { sources } from './source.ts'

/**
 * A context at a time, with `source:` and `sink:` and a log that is kept; stopped and emptied after each test of the file
 * that calls this, once, at its top.
 */
export function stage() {
  const { component, source } = sources()
  const sink = sinks()
  const log = keepingSink()
  let context: Context | undefined
  const end = async () => {
    await context?.stop()
    context = undefined
  }
  afterEach(async () => {
    await end()
    sink.bodies.length = 0
    log.records.length = 0
  })
  return {
    source,
    sink,
    log,
    /** Starts the routes, in the place of those before, with an empty log; gives `source:in`. */
    async run(routes: RouteSource | RouteSource[], options: Partial<ContextOptions> = {}) {
      await end()
      log.records.length = 0
      context = createContext({ log, ...options, routes: [routes].flat(), components: [component, sink.component] })
      await context.start()
      return source('in')
    },
  }
}

/** A step that always throws this. */
export const throwing = (error: unknown) => () => {
  throw error
}

/** A step that throws these, one after the other, then works; counts its calls. */
export function failing(...errors: unknown[]) {
  const left = [...errors]
  const step = Object.assign(
    () => {
      step.calls++
      if (left.length > 0) throw left.shift()
    },
    { calls: 0 },
  )
  return step
}

/** A step that throws this more often than anything tries; counts its calls. */
export const always = (error: unknown) => failing(...Array(99).fill(error))
