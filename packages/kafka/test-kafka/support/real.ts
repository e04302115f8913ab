import { systemClock } from '@dromedary/core'
import type { Consumer, Exchange, Producer } from '@dromedary/core/component'
import { eventually, type FakeRouteEntry, type FakeRouteOptions, fakeRoute } from '@dromedary/testing'
import { Producer as Client, type ProducerOptions } from '@platformatic/kafka'
import { afterEach } from 'vitest'
import { kafka } from '../../src/kafka.ts'

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

export interface Reading {
  readonly route: FakeRouteEntry
  readonly consumer: Consumer
  stop(): Promise<void>
}

/** A consumer of the component on real brokers, started, without a context around it. */
export async function reading(brokers: string, uri: string, options: FakeRouteOptions = {}): Promise<Reading> {
  const route = fakeRoute({ clock: systemClock, ...options })
  const consumer = route.consumer(kafka({ brokers }), uri)
  let stopping: Promise<void> | undefined
  const stop = () => {
    stopping ??= (async () => {
      await consumer.quiesce()
      await consumer.close(false)
    })()
    return stopping
  }
  open.push(stop)
  await consumer.start(new AbortController().signal)
  return { route, consumer, stop }
}

export interface Sending {
  readonly route: FakeRouteEntry
  readonly producer: Producer
  send(body: unknown, headers?: Readonly<Record<string, unknown>>): Promise<Exchange>
}

/** A producer of the component on real brokers, started. */
export async function sending(brokers: string, uri: string): Promise<Sending> {
  const route = fakeRoute({ clock: systemClock })
  const producer = route.endpoint(kafka({ brokers }), uri).producer?.() as Producer
  await producer.start?.(new AbortController().signal)
  open.push(async () => producer.close?.())
  return {
    route,
    producer,
    send: async (body, headers = {}) => {
      const exchange = route.context.createExchange(body)
      for (const [name, value] of Object.entries(headers)) exchange.message.setHeader(name, value)
      await producer.send(exchange)
      return exchange
    },
  }
}

/** The client itself, for transactions that the component would not leave like that. */
export function transactional(brokers: string, transactionalId: string): Client {
  const options = {
    clientId: 'test',
    bootstrapBrokers: brokers.split(','),
    transactionalId,
    idempotent: true,
    producerId: -1n,
    producerEpoch: -1,
    retries: 100,
    retryDelay: 5,
  } satisfies ProducerOptions<Buffer, Buffer, Buffer, Buffer>
  const client = new Client(options)
  open.push(() => client.close())
  return client
}

export async function transaction(
  client: Client,
  topic: string,
  values: readonly string[],
  end: 'commit' | 'abort',
): Promise<void> {
  const one = await client.beginTransaction()
  for (let at = 0; at < values.length; at += 100) {
    const messages = values.slice(at, at + 100).map(value => ({ topic, partition: 0, value: Buffer.from(value) }))
    await one.send({ messages })
  }
  await one[end]()
}

/** Real time. */
export const within = (seconds: number, holds: () => unknown) => eventually(holds, { within: seconds * 1_000 })

export const numbers = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, at) => String(from + at))
