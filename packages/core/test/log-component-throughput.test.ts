import { afterEach, expect, it } from 'vitest'
import { FakeClock } from '../../testing/src/fake-clock.ts'
import { type Context, createContext } from '../src/index.ts'
import { keepingSink } from './support/log.ts'
import { thrownBy } from './thrown-by.ts'

let clock = new FakeClock()
let context: Context | undefined
afterEach(() => context?.stop())

/** A context with one endpoint, and what it wrote since last asked. */
async function start(query: string) {
  const sink = keepingSink()
  clock = new FakeClock()
  context = createContext({ log: sink, clock, routes: [] })
  await context.start()
  const { template } = context
  const uri = `log:cat?${query}`
  const send = await template.sender(uri)
  return {
    send: (count: number) => {
      for (let i = 0; i < count; i++) send(template.createExchange(i))
    },
    lines: () => sink.records.splice(0).map(record => `${record.level} ${record.message}`),
  }
}

it('groupSize writes after so many messages, and not the messages', async () => {
  const { send, lines } = await start('groupSize=2&level=WARN')
  send(1)
  await clock.advance(100)
  expect(lines()).toEqual([])
  send(1)
  expect(lines()).toEqual(['warn Received 2 messages in 100 ms: 20/s; 2 in all, on average 20/s'])
  await clock.advance(900)
  send(3)
  expect(lines()).toEqual(['warn Received 2 messages in 900 ms: 2.2/s; 4 in all, on average 4/s'])
})

it('names no rate where no time passed', async () => {
  const { send, lines } = await start('groupSize=1')
  send(1)
  expect(lines()).toEqual(['info Received 1 messages in 0 ms: unmeasured; 1 in all, on average unmeasured'])
})

it('groupInterval writes each time so long, unless nothing came', async () => {
  const { send, lines } = await start('groupInterval=1s')
  await clock.advance(500)
  send(5)
  await clock.advance(500)
  expect(lines()).toEqual(['info Received 5 messages in 1000 ms: 5/s; 5 in all, on average 10/s'])
  await clock.advance(5_000)
  expect(lines()).toEqual([])
  send(1)
  await clock.advance(1_000)
  expect(lines()).toEqual(['info Received 1 messages in 1000 ms: 1/s; 6 in all, on average 0.9/s'])
})

it('groupActiveOnly=false writes also when nothing came', async () => {
  const { lines } = await start('groupInterval=1s&groupActiveOnly=false')
  await clock.advance(2_000)
  const line = 'info Received 0 messages in 1000 ms: 0/s; 0 in all, on average unmeasured'
  expect(lines()).toEqual([line, line])
})

it('groupDelay is the time before the first line', async () => {
  const { send, lines } = await start('groupInterval=1s&groupDelay=5s')
  send(10)
  await clock.advance(4_999)
  expect(lines()).toEqual([])
  await clock.advance(1)
  expect(lines()).toEqual(['info Received 10 messages in 5000 ms: 2/s; 10 in all, on average 2/s'])
})

it('writes one line after a pause, not one for each interval missed', async () => {
  const { lines } = await start('groupInterval=1s&groupActiveOnly=false')
  clock.pause(10_000)
  await clock.advance(0)
  expect(lines()).toEqual(['info Received 0 messages in 10000 ms: 0/s; 0 in all, on average unmeasured'])
  await clock.advance(999)
  expect(lines()).toEqual([])
  await clock.advance(1)
  expect(lines()).toHaveLength(1)
})

it('leaves no timer behind', async () => {
  await start('groupInterval=1s')
  expect(clock.pending).toBe(1)
  await context?.stop()
  expect(clock.pending).toBe(0)
})

it('writes nothing at level OFF', async () => {
  const { send, lines } = await start('groupSize=1&level=OFF')
  send(3)
  expect(lines()).toEqual([])
})

it.each([
  ['groupSize=1&groupInterval=1s', 'takes either groupSize or groupInterval'],
  ['groupDelay=1s', 'has a groupDelay, which says nothing without a groupInterval'],
  ['groupSize=0', 'log option groupSize must be at least 1'],
])('refuses %s', (query, problem) => {
  const error = thrownBy(() => createContext({ routes: [] }).endpoint(`log:cat?${query}`))
  expect(error.code).toBe('DROMEDARY_INVALID_OPTION')
  expect(error.message).toContain(problem)
})
