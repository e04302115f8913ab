import { FakeClock } from '@dromedary/testing'
import { componentContract } from '@dromedary/testing/contracts'
import { kafkaComponent } from '../src/kafka.ts'
import { MemoryKafka } from './support/memory-kafka.ts'

componentContract({
  name: 'kafka',
  async create() {
    const clock = new FakeClock()
    const memory = new MemoryKafka(clock).topic('orders')
    let count = 0
    return {
      component: kafkaComponent(memory.open)({ brokers: 'memory:9092' }),
      uri: 'kafka:orders?groupId=g&autoOffsetReset=earliest&failedRecord=pass',
      clock,
      advance: ms => clock.advance(ms),
      offer: () => memory.write('orders', [`message ${count++}`]),
      withinMs: 1_500,
      held: () => clock.pending,
    }
  },
  claims: { consumes: true, 'strict-options': true },
})
