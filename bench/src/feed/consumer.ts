import type { KafkaServer } from '@dromedary/test-servers/kafka'
import { spread } from '../arithmetic.ts'
import { LINE_BYTES } from './line.ts'
import type { PartResult, Site } from './parts.ts'
import { nodeProgram } from './program.ts'
import { perSecond } from './report.ts'
import { type FeedContender, takeTurns, withCpu } from './turns.ts'

const FULL = { messages: 500_000, warmUp: 1, rounds: 5 }
const QUICK = { messages: 5_000, warmUp: 0, rounds: 1 }

/** One partition from its beginning, message by message, in a group of its own each time. */
export async function consumer(site: Site): Promise<PartResult> {
  await using stack = new AsyncDisposableStack()
  const { kafka } = site
  const turns = site.quick ? QUICK : FULL
  const topic = await kafka.topic({ prefix: 'bench' })
  const amount = ['--num-records', String(turns.messages), '--record-size', String(LINE_BYTES), '--throughput', '-1']
  await kafka.tool('kafka-producer-perf-test', ['--topic', topic, ...amount])
  const ours = stack.use(await reader(kafka, topic, 'dromedary', 'consume'))
  const theirs = stack.use(await reader(kafka, topic, 'kafkajs', 'consume-kafkajs'))
  const note = (text: string) => site.note(`consumer: ${text}`)
  const results = await takeTurns([ours, theirs, javaTool(kafka, topic)], turns, note)
  const [first] = results
  return {
    title: `consumer: ${turns.messages} of ${LINE_BYTES} bytes from one partition; the rate counts from the first message on`,
    results,
    targets: first
      ? [
          { what: 'dromedary per s', value: spread(first.rounds.map(perSecond)).median, atLeast: 150_000 },
          {
            what: 'dromedary first message ms',
            value: spread(first.rounds.map(one => one.firstMs ?? Number.NaN)).median,
            atMost: 500,
          },
        ]
      : [],
  }
}

async function reader(kafka: KafkaServer, topic: string, name: string, script: string): Promise<FeedContender> {
  const program = await nodeProgram(name, script, kafka.brokers, topic)
  return {
    name,
    about: program.about,
    peakMb: () => program.peakMb,
    round: messages =>
      withCpu(program.pid, async () => {
        const answer = await program.ask(`read ${messages} ${kafka.name('group')}`, 'read')
        const [count = 0, nanoseconds = 0, firstMs = 0] = answer.split(' ').map(Number)
        return { messages: count, nanoseconds, firstMs }
      }),
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  }
}

function javaTool(kafka: KafkaServer, topic: string): FeedContender {
  return {
    name: 'java',
    about: 'kafka-consumer-perf-test, a new JVM each round, its fetch.nMsg.sec: batches, no work',
    peakMb: () => Number.NaN,
    async round(messages) {
      const args = ['--topic', topic, '--num-records', String(messages), '--group', kafka.name('group')]
      return consumerPerf(await kafka.tool('kafka-consumer-perf-test', args))
    },
    async [Symbol.asyncDispose]() {},
  }
}

/** The tool's line of figures, by the names in the line above it. Throws where there is none. */
export function consumerPerf(output: string): { messages: number; nanoseconds: number; cpuSeconds: number } {
  const rows = output
    .trim()
    .split('\n')
    .map(line => line.split(', '))
  const names = rows.findLast(row => row[0] === 'start.time') ?? []
  const values = rows.at(-1) ?? []
  const of = (name: string) => Number(values[names.indexOf(name)])
  const messages = of('data.consumed.in.nMsg')
  const rate = of('fetch.nMsg.sec')
  if (!(messages > 0 && rate > 0)) throw new Error(`kafka-consumer-perf-test said: ${output.trim()}`)
  return { messages, nanoseconds: (messages / rate) * 1e9, cpuSeconds: Number.NaN }
}
