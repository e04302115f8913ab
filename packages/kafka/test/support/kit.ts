import type { Component, Consumer } from '@dromedary/core/component'
import { FakeClock, type FakeRouteEntry, type FakeRouteOptions, fakeRoute, settle } from '@dromedary/testing'
import { afterEach } from 'vitest'
import { kafkaComponent } from '../../src/kafka.ts'
import { MemoryKafka } from './memory-kafka.ts'

/** A clock, brokers in memory, and the component on them. */
export function kit() {
  const clock = new FakeClock()
  const memory = new MemoryKafka(clock)
  const component = kafkaComponent(memory.open)({ brokers: 'memory:9092' })
  return { clock, memory, component }
}

const running: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of running.splice(0)) await stop()
})

export interface Reading {
  readonly clock: FakeClock
  readonly memory: MemoryKafka
  readonly route: FakeRouteEntry
  readonly consumer: Consumer
  /** Quiesces and closes it. */
  stop(): Promise<void>
}

/** A consumer that has started, on a route that does what is asked. */
export async function reading(
  uri: string,
  options: FakeRouteOptions & {
    readonly memory?: MemoryKafka
    readonly topics?: Readonly<Record<string, number>>
  } = {},
): Promise<Reading> {
  const memory = options.memory ?? new MemoryKafka(new FakeClock())
  const clock = memory.clock as FakeClock
  for (const [name, partitions] of Object.entries(options.topics ?? { orders: 1 })) memory.topic(name, partitions)
  const component = kafkaComponent(memory.open)({ brokers: 'memory:9092', groupId: 'g' })
  const route = fakeRoute({ ...options, clock })
  const consumer = route.consumer(component as Component, uri)
  let isStopped = false
  const stop = async () => {
    if (isStopped) return
    isStopped = true
    await consumer.quiesce()
    const closed = consumer.close(false)
    await settle()
    await clock.advance(5_000)
    await closed
  }
  running.push(stop)
  await consumer.start(new AbortController().signal)
  await settle()
  return { clock, memory, route, consumer, stop }
}
