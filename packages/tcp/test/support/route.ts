import { systemClock } from '@dromedary/core'
import type { Consumer, Endpoint } from '@dromedary/core/component'
import { type FakeRouteEntry, type FakeRouteOptions, fakeRoute } from '@dromedary/testing'
import { onTestFinished } from 'vitest'
import { netty, tcp } from '../../src/index.ts'

/** A consumer that has started, and the route that it feeds. */
export interface Running {
  readonly route: FakeRouteEntry
  readonly consumer: Consumer
  /** Where it listens. */
  readonly port: number
}

/** Starts a consumer on the machine's clock; the end of the test closes it. */
export async function consume(uri: string, options: FakeRouteOptions = {}): Promise<Running> {
  const route = fakeRoute({ clock: systemClock, ...options })
  const consumer = once(route.consumer(uri.startsWith('netty:') ? netty : tcp, uri))
  onTestFinished(() => consumer.close(true))
  await consumer.start(new AbortController().signal)
  return { route, consumer, port: portOf(route) }
}

/** A server for lines, one way. */
export const lines = (query = '', options: FakeRouteOptions = {}) =>
  consume(`tcp:127.0.0.1:0?textline=true&sync=false${query}`, options)

/** The port that the consumer said last that it listens on; 0 for one that does not. */
export function portOf(route: FakeRouteEntry): number {
  const said = route.logs.findLast(line => line.fields?.['port'] !== undefined)
  return Number(said?.fields?.['port'] ?? 0)
}

/** Closes once, whoever asks first. */
function once(consumer: Consumer): Consumer {
  let closing: Promise<void> | undefined
  return {
    start: signal => consumer.start(signal),
    quiesce: () => consumer.quiesce(),
    resume: () => consumer.resume?.(),
    close: forced => {
      closing ??= (async () => consumer.close(forced))()
      return closing
    },
  }
}

/** The endpoint of a URI, or what was thrown. */
export function endpointOf(uri: string, beans: Readonly<Record<string, unknown>> = {}): Endpoint {
  return fakeRoute({ clock: systemClock, beans }).endpoint(uri.startsWith('netty:') ? netty : tcp, uri)
}

/** The message with which a URI is refused. */
export function refusal(uri: string, beans: Readonly<Record<string, unknown>> = {}): string {
  try {
    endpointOf(uri, beans)
  } catch (error) {
    return (error as Error).message
  }
  throw new Error(`nothing was refused: ${uri}`)
}
