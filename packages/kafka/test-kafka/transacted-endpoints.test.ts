import { createContext, from, silentSink } from '@dromedary/core'
import { sharedKafka } from '@dromedary/test-servers/kafka/vitest'
import { describe, expect, it } from 'vitest'
import { kafka } from '../src/index.ts'

const cluster = sharedKafka()

/** A route that writes to two topics, and may fail after both. */
async function twoTopics() {
  const [one, other] = [await cluster.topic(), await cluster.topic()]
  const query = `transacted=true&transactionalId=${cluster.name('tx')}`
  const route = from('direct:in')
    .routeId('two')
    .to(`kafka:${one}?${query}&key=k`)
    .to(`kafka:${other}?${query}`)
    .process(({ body }) => {
      if (body === 'bad') throw new Error('no')
    })
  const component = kafka({ brokers: cluster.brokers })
  const context = createContext({ routes: [route], components: [component], log: silentSink })
  await context.start()
  return { one, other, context }
}

describe('transacted=true', () => {
  it('writes what an exchange sends to several topics, and nothing of one that fails', async () => {
    const { one, other, context } = await twoTopics()
    await context.template.sendBody('direct:in', 'a')
    await expect(context.template.sendBody('direct:in', 'bad')).rejects.toThrow('no')
    await context.template.sendBody('direct:in', 'b')
    await context.stop()
    expect(await cluster.read(one, { count: 2, keys: true })).toEqual(['k\ta', 'k\tb'])
    expect(await cluster.read(other, { count: 2 })).toEqual(['a', 'b'])
  })

  it('has one way to write for all endpoints of the same brokers', async () => {
    const query = 'transacted=true&transactionalId=t'
    const routes = [from('direct:in').routeId('r').to(`kafka:a?${query}`).to(`kafka:b?${query}&transactionInterval=1s`)]
    const context = createContext({ routes, components: [kafka({ brokers: cluster.brokers })], log: silentSink })
    await expect(context.start()).rejects.toMatchObject({ code: 'DROMEDARY_SHARED_CONFLICT' })
  })
})
