import { sharedKafka } from '@dromedary/test-servers/kafka/vitest'
import { idempotentRepositoryContract } from '@dromedary/testing/contracts'
import { kafkaIdempotentRepository } from '../src/index.ts'

idempotentRepositoryContract({
  name: 'kafka',
  async create() {
    const kafka = sharedKafka()
    const topic = await kafka.topic({ config: { 'cleanup.policy': 'compact' } })
    const open = () => kafkaIdempotentRepository({ topic, brokers: kafka.brokers })
    return { repository: open(), another: open }
  },
  claims: { clear: true, persistent: true, shared: true },
  concurrent: true,
  timeoutMs: 60_000,
})
