import type { Producer } from '@dromedary/core/component'
import { FakeClock, fakeRoute } from '@dromedary/testing'
import { expect, it } from 'vitest'
import { kafkaComponent } from '../src/kafka.ts'
import { MemoryKafka } from './support/memory-kafka.ts'
import { ModelBroker } from './support/model-broker.ts'

it('transacted endpoints that come after the last one has closed have a client of their own', async () => {
  const clients: object[] = []
  const broker = new ModelBroker()
  const component = kafkaComponent(new MemoryKafka(new FakeClock()).open, () => {
    const client = broker.client()
    clients.push(client)
    return client
  })({ brokers: 'memory:9092' })
  const route = fakeRoute()
  const signal = new AbortController().signal
  const producer = async (topic: string) => {
    const made = route.endpoint(component, `kafka:${topic}?transacted=true&transactionalId=t`).producer?.() as Producer
    await made.start?.(signal)
    return made
  }
  const [one, other] = [await producer('a'), await producer('b')]
  await one.close?.()
  expect(clients).toHaveLength(1)
  await other.close?.()
  const later = await producer('a')
  expect(clients).toHaveLength(2)
  await later.close?.()
})
