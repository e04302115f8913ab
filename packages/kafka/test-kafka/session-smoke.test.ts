import { sharedKafka } from '@dromedary/test-servers/kafka/vitest'
import { expect, it } from 'vitest'
import { exchange, member, record, TestLeadership } from './session-kit.ts'

it('smoke', async () => {
  const kafka = sharedKafka()
  const data = await kafka.topic({ partitions: 3 })
  const positions = kafka.name('positions')
  const at = { transactionalId: kafka.name('tx'), positions }
  const t = performance.now()
  const a = member(kafka.brokers)
  const session = a.session(at, new TestLeadership(5n))
  expect(await session.opened()).toMatchObject({ term: 5n, position: undefined })
  console.log('opened', performance.now() - t)
  const all = Array.from({ length: 5000 }, (_, n) => exchange(session, { records: [record(`r${n}`, { topic: data, partition: n % 3 })], position: BigInt(n) }))
  await Promise.all(all)
  console.log('5000', performance.now() - t)
  const b = member(kafka.brokers)
  const next = b.session(at, new TestLeadership(6n))
  expect(await next.opened()).toMatchObject({ position: 4999n })
  console.log('b', performance.now() - t)
  const refused = await Promise.all([1, 2, 3, 4, 5].map(n => exchange(next, { records: [record(n === 3 ? 'x'.repeat(2_000_000) : `s${n}`, { topic: data })], position: n, failures: 'pass' })))
  expect(refused.map(one => one.failed)).toEqual([false, false, true, false, false])
  console.log('refused', performance.now() - t, b.lines, a.lines)
  expect(await kafka.read(data, { count: 5004 })).toHaveLength(5004)
})
