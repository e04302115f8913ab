import { systemClock } from '@dromedary/core'
import type { Component, Consumer, Exchange, Producer } from '@dromedary/core/component'
import { type FakeRouteEntry, type FakeRouteOptions, fakeRoute } from '@dromedary/testing'
import { onTestFinished } from 'vitest'
import { ws } from '../../src/index.ts'
import { TestClient } from './test-client.ts'

const never = () => new AbortController().signal

/** A consumer that has started, and is closed at the end of the test. */
export interface Started {
  readonly route: FakeRouteEntry
  readonly consumer: Consumer
  /** Quiesces and closes, once. */
  stop(forced?: boolean): Promise<void>
}

export async function startConsumer(
  uri: string,
  options: FakeRouteOptions = {},
  component: Component = ws,
): Promise<Started> {
  const route = fakeRoute({ clock: systemClock, ...options })
  return startAt(route, uri, component)
}

/** As {@link startConsumer}, on a route whose context has more than this one consumer. */
export async function startAt(route: FakeRouteEntry, uri: string, component: Component = ws): Promise<Started> {
  const consumer = route.consumer(component, uri)
  let stopped: Promise<void> | undefined
  const stop = (forced = false) => {
    stopped ??= (async () => {
      if (!forced) await consumer.quiesce()
      await consumer.close(forced)
    })()
    return stopped
  }
  try {
    await consumer.start(never())
  } catch (error) {
    await consumer.close(false)
    throw error
  }
  onTestFinished(() => stop(true))
  return { route, consumer, stop }
}

/** A server under test. */
export interface StartedServer extends Started {
  readonly port: number
  readonly url: string
  /** A peer of it, which is gone at the end of the test. */
  connect(options?: Parameters<typeof TestClient.connect>[1], query?: string): Promise<TestClient>
}

export async function startServer(
  query = '',
  options: FakeRouteOptions & { readonly component?: Component; readonly path?: string } = {},
): Promise<StartedServer> {
  const { component = ws, path = '/feed', ...rest } = options
  const started = await startConsumer(`${component.scheme}:127.0.0.1:0${path}${query}`, rest, component)
  return withPeers(started)
}

export function withPeers(started: Started): StartedServer {
  const url = urlOf(started.route)
  return {
    ...started,
    url,
    port: Number(new URL(url).port),
    async connect(client = {}, query = '') {
      const peer = await TestClient.connect(`${url}${query}`, client)
      onTestFinished(() => peer.terminate())
      return peer
    },
  }
}

/** Where it says that it listens. */
function urlOf({ logs }: FakeRouteEntry): string {
  const line = logs.findLast(({ message }) => message.startsWith('listening at '))
  if (line === undefined) throw new Error('it does not say where it listens')
  return line.message.replace('listening at ', '')
}

/** A producer that has started, and is closed at the end of the test. */
export async function startProducer(
  uri: string,
  route: FakeRouteEntry = fakeRoute({ clock: systemClock }),
  component: Component = ws,
) {
  const producer = route.endpoint(component, uri).producer?.() as Producer
  await producer.start?.(never())
  let closed: Promise<void> | undefined
  const close = () => {
    closed ??= (async () => producer.close?.())()
    return closed
  }
  onTestFinished(close)
  const exchange = (body: unknown, headers: Readonly<Record<string, unknown>> = {}): Exchange => {
    const made = route.context.createExchange(body)
    for (const [name, value] of Object.entries(headers)) made.message.setHeader(name, value)
    return made
  }
  return {
    route,
    producer,
    close,
    exchange,
    /** Settles as the send does, with what it returned before. */
    async send(body: unknown, headers: Readonly<Record<string, unknown>> = {}): Promise<void> {
      await producer.send(exchange(body, headers))
    },
  }
}
