import { createHook } from 'node:async_hooks'
import { eventually } from '@dromedary/testing'
import { expect, it } from 'vitest'
import { startProducer, startServer } from './support/route.ts'
import { TestServer } from './support/test-server.ts'

const TEXT = 'x'.repeat(200)
const COUNT = 5_000

/** Promises and timers that come into being while the work runs. */
async function countAsync(work: () => Promise<void>): Promise<number> {
  let made = 0
  const hook = createHook({
    init(_, type) {
      if (type === 'PROMISE' || type === 'Timeout' || type === 'Immediate') made++
    },
  }).enable()
  try {
    await work()
  } finally {
    hook.disable()
  }
  return made
}

it('a message that a synchronous route takes costs no promise and no timer', async () => {
  let arrived = 0
  const { connect } = await startServer('', {
    route: () => {
      arrived++
    },
  })
  const peer = await connect()
  const made = await countAsync(async () => {
    for (let at = 0; at < COUNT; at++) peer.send(TEXT)
    await eventually(() => expect(arrived).toBe(COUNT))
  })
  expect(made).toBeLessThan(COUNT / 10)
})

it('a message that is sent costs no promise and no timer while few bytes wait', async () => {
  const server = await TestServer.listen()
  const { producer, exchange, send, close } = await startProducer(
    `ws:127.0.0.1:${server.port}/?maxBufferedAmount=10000000`,
  )
  await send('first')
  const made = await countAsync(async () => {
    for (let at = 0; at < COUNT; at++) expect(producer.send(exchange(TEXT))).toBeUndefined()
    await eventually(() => expect(server.accepted[0]?.received).toHaveLength(COUNT + 1))
  })
  expect(made).toBeLessThan(COUNT / 10)
  await close()
  await server.close()
})
