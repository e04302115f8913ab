import { expect, it } from 'vitest'
import { startProgram } from '../src/feed/program.ts'
import { RoundCounter } from '../src/feed/programs/round-counter.ts'
import { type FeedContender, takeTurns } from '../src/feed/turns.ts'

function contender(name: string, order: string[]): FeedContender {
  let rounds = 0
  return {
    name,
    about: '',
    peakMb: () => rounds,
    async round(messages) {
      order.push(name)
      rounds++
      return { messages, nanoseconds: rounds, cpuSeconds: 0 }
    },
    async [Symbol.asyncDispose]() {},
  }
}

it('lets another one begin in each round, and counts none that is to warm up', async () => {
  const order: string[] = []
  const contenders = ['a', 'b', 'c'].map(name => contender(name, order))
  const results = await takeTurns(contenders, { messages: 7, warmUp: 1, rounds: 2 }, () => {})
  expect(order.join('')).toBe('abcbcacab')
  expect(results.map(({ name }) => name)).toEqual(['a', 'b', 'c'])
  expect(results[0]?.rounds.map(({ nanoseconds }) => nanoseconds)).toEqual([2, 3])
  expect(results[0]?.rounds[0]?.messages).toBe(7)
})

it('tells a round when its last message has ended, and begins anew', () => {
  const told: number[] = []
  const counter = new RoundCounter(({ messages }) => told.push(messages))
  for (let round = 0; round < 2; round++) {
    counter.expect(2)
    counter.began()
    counter.began()
    counter.ended()
    expect(told).toHaveLength(round)
    counter.ended()
  }
  expect(told).toEqual([2, 2])
})

const script = (code: string) => startProgram({ name: 'x', file: process.execPath, args: ['-e', code] })
const echo = 'console.log("ready one"); process.stdin.on("data", line => console.log(String(line).trim()))'

it('asks a program line by line, and knows its memory', async () => {
  await using program = await script(echo)
  expect(program.about).toBe('one')
  expect(await program.ask('sent 1 2', 'sent')).toBe('1 2')
  await expect(program.ask('other', 'sent')).rejects.toThrow('"sent …" was expected, not "other"')
  await expect(program.ask('error lost one', 'sent')).rejects.toThrow('x: lost one')
  if (process.platform === 'linux') expect(program.peakMb).toBeGreaterThan(10)
})

it('does not wait for a program that has ended, or that is none', async () => {
  await expect(script('process.exitCode = 3')).rejects.toThrow('x ended with 3')
  await expect(startProgram({ name: 'y', file: '/none/such', args: [] })).rejects.toThrow('y does not start')
  await using program = await script('console.log("ready"); process.stdin.once("data", () => process.exit(4))')
  await expect(program.ask('go', 'sent')).rejects.toThrow('x ended with 4')
})
