import { type KafkaServer, startKafka } from '@dromedary/test-servers/kafka'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { exchange, type MemberOptions, member, record, TestLeadership } from './session-kit.ts'

const account = { username: 'ada', password: 'secret' }
const ada: MemberOptions = { sasl: { mechanism: 'PLAIN', ...account } }
let server: KafkaServer

beforeAll(async () => {
  const properties = {
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS',
  }
  server = await startKafka({ sasl: account, properties })
})

afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
})

const allow = (...what: readonly string[]) =>
  server.tool('kafka-acls', ['--add', '--allow-principal', 'User:ada', ...what])

const operations = (...names: readonly string[]) => names.flatMap(name => ['--operation', name])

it('a session needs no more rights than Kafka asks of a transactional producer and a reader', async () => {
  const data = await server.topic()
  const positions = await server.topic({ partitions: 2, config: { 'cleanup.policy': 'compact' } })
  await allow('--topic', data, ...operations('Write', 'Describe'))
  await allow('--topic', positions, ...operations('Read', 'Write', 'Describe'))
  await allow('--transactional-id', 'app/', '--resource-pattern-type', 'prefixed', ...operations('Write', 'Describe'))
  const at = { transactionalId: 'app/ns/route', positions, giveUpAfter: 5_000 }
  const place = member(server.saslBrokers, ada)
  const session = place.session(at, new TestLeadership(1n))
  await exchange(session, { records: [record('a', { topic: data })], position: 1 })
  expect(place.lines).toEqual([])
  expect(await server.read(data, { count: 1 })).toEqual(['a'])
  // A topic that nobody may write to is the affair of whoever wants to.
  const secret = await server.topic()
  const wrong = { records: [record('b', { topic: secret })], position: 2, failures: 'pass' as const }
  const [refused, good] = await Promise.all([
    exchange(session, wrong),
    exchange(session, { records: [record('c', { topic: data })], position: 3 }),
  ])
  expect([refused.failed, good.failed]).toEqual([true, false])
  const next = member(server.saslBrokers, ada).session(at, new TestLeadership(2n))
  expect(await next.opened()).toMatchObject({ position: 3 })
})
