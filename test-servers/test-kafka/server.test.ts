import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { type KafkaServer, startKafka } from '@dromedary/test-servers/kafka'
import { sharedKafka } from '@dromedary/test-servers/kafka/vitest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { metadata } from '../src/kafka/protocol/metadata.ts'
import { isAlive } from '../test/support/is-alive.ts'

describe.skipIf(!sharedKafka().owned)('a broker of our own', () => {
  let server: KafkaServer
  beforeAll(async () => {
    server = await startKafka()
  })
  afterAll(() => server[Symbol.asyncDispose]())

  const answers = (within = 5_000) => metadata(server.brokers, [], within).then(({ brokers }) => brokers)

  it('serves clients where it says', async () => {
    expect(await answers()).toEqual([server.brokers])
    expect(server.brokers).toMatch(/^127\.0\.0\.1:\d+$/)
    expect(isAlive(server.pid)).toBe(true)
  })

  it('has its data and its port after a restart, and after it was killed', async () => {
    const { brokers, pid } = server
    const topic = await server.topic()
    await server.write(topic, ['before'])
    await server.restart()
    await server.write(topic, ['between'])
    await server.kill()
    expect(server.running).toBe(false)
    await expect(answers()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await server.start()
    expect(server.brokers).toBe(brokers)
    expect(server.pid).not.toBe(pid)
    expect(await server.read(topic, { count: 2 })).toEqual(['before', 'between'])
  })

  it('refuses to start twice', async () => {
    await expect(server.start()).rejects.toThrow('runs already')
  })

  it('stands still and goes on', async () => {
    await server.pause()
    await expect(answers(300)).rejects.toThrow('did not answer in 300 ms')
    await server.resume()
    expect(await answers()).toEqual([server.brokers])
  })

  it('is stopped also while it stands still', async () => {
    await server.pause()
    await server.stop()
    expect(server.running).toBe(false)
    await server.start()
    expect(await answers()).toHaveLength(1)
  })

  it('makes topics with partitions and settings, and none twice', async () => {
    const name = server.name('compacted')
    await server.createTopic({ name, partitions: 3, config: { 'cleanup.policy': 'compact' } })
    const [topic] = (await metadata(server.brokers, [name])).topics
    expect(topic).toEqual({ name, error: 0, internal: false, leaders: [1, 1, 1] })
    expect(await server.tool('kafka-topics', ['--describe', '--topic', name])).toContain('cleanup.policy=compact')
    await expect(server.createTopic({ name })).rejects.toThrow(/already exists.*\(36\)$/)
  })

  it('removes the topics of this run and no others', async () => {
    await server.createTopic({ name: 'somebody-elses' })
    const topic = await server.topic()
    await server.removeTopics()
    const left = async () => (await metadata(server.brokers)).topics.map(({ name }) => name)
    await expect.poll(left, { timeout: 5_000 }).not.toContain(topic)
    expect(await left()).toContain('somebody-elses')
  })

  it('makes the topics that are written to', async () => {
    const topic = server.name('unmade')
    await server.write(topic, ['first'])
    expect(await server.read(topic, { count: 1 })).toEqual(['first'])
  })
})

describe.skipIf(!sharedKafka().owned)('startKafka', () => {
  it('leaves nothing behind: no process, no folder, no open file', async () => {
    const descriptors = () => readdirSync('/proc/self/fd').length
    const before = descriptors()
    const server = await startKafka({ proxied: true })
    const { folder, pid } = server
    expect(existsSync(folder)).toBe(true)
    await server[Symbol.asyncDispose]()
    expect(existsSync(folder)).toBe(false)
    expect(isAlive(pid)).toBe(false)
    expect(descriptors()).toBe(before)
  })

  it('says why the broker did not start', async () => {
    await expect(startKafka({ properties: { 'num.io.threads': 'many' } })).rejects.toThrow(
      /ended before it was ready; the last lines of its log:[\s\S]*num\.io\.threads/,
    )
  })

  it('starts several brokers, each with ports of its own', async () => {
    const servers = await Promise.all([startKafka(), startKafka()])
    expect(new Set(servers.map(({ brokers }) => brokers)).size).toBe(2)
    const clusters = servers.map(({ folder }) => readFileSync(`${folder}/data/meta.properties`, 'utf8'))
    const ids = clusters.map(text => /^cluster\.id=(.*)$/m.exec(text)?.[1])
    expect(new Set(ids).size).toBe(2)
    await Promise.all(servers.map(one => one[Symbol.asyncDispose]()))
  })

  it('takes settings of the broker, and the heap and the log level of its JVM', async () => {
    await using server = await startKafka({
      properties: { 'auto.create.topics.enable': false },
      heap: '300m',
      logLevel: 'INFO',
    })
    expect(readFileSync(`/proc/${server.pid}/cmdline`, 'utf8')).toContain('-Xmx300m')
    expect(readFileSync(server.log, 'utf8')).toContain('auto.create.topics.enable = false')
  })
})
