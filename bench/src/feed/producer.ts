import type { KafkaServer } from '@dromedary/test-servers/kafka'
import { spread } from '../arithmetic.ts'
import { LINE_BYTES } from './line.ts'
import type { PartResult, Site } from './parts.ts'
import { nodeProgram } from './program.ts'
import { perSecond } from './report.ts'
import { type FeedContender, takeTurns, withCpu } from './turns.ts'

const FULL = { messages: 300_000, warmUp: 1, rounds: 5 }
const QUICK = { messages: 5_000, warmUp: 0, rounds: 1 }

/** Exchange by exchange from a fast route to one partition; acks of all, idempotent, both sides' own defaults. */
export async function producer(site: Site): Promise<PartResult> {
  await using stack = new AsyncDisposableStack()
  const { kafka } = site
  const turns = site.quick ? QUICK : FULL
  const ours = stack.use(await dromedary(kafka, await kafka.topic({ prefix: 'bench' })))
  const java = javaTool(kafka, await kafka.topic({ prefix: 'bench' }))
  const results = await takeTurns([ours, java], turns, text => site.note(`producer: ${text}`))
  const [first] = results
  return {
    title: `producer: ${turns.messages} of ${LINE_BYTES} bytes to one partition`,
    results,
    targets: first
      ? [{ what: 'dromedary per s', value: spread(first.rounds.map(perSecond)).median, atLeast: 60_000 }]
      : [],
  }
}

async function dromedary(kafka: KafkaServer, topic: string): Promise<FeedContender> {
  const program = await nodeProgram('dromedary', 'produce', kafka.brokers, topic)
  return {
    name: 'dromedary',
    about: program.about,
    peakMb: () => program.peakMb,
    round: messages =>
      withCpu(program.pid, async () => {
        const [count = 0, nanoseconds = 0] = (await program.ask(`send ${messages}`, 'sent')).split(' ').map(Number)
        return { messages: count, nanoseconds }
      }),
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  }
}

function javaTool(kafka: KafkaServer, topic: string): FeedContender {
  const size = ['--record-size', String(LINE_BYTES), '--throughput', '-1']
  return {
    name: 'java',
    about: 'kafka-producer-perf-test, a new JVM each round',
    peakMb: () => Number.NaN,
    async round(messages) {
      const args = ['--topic', topic, '--num-records', String(messages), ...size]
      return producerPerf(await kafka.tool('kafka-producer-perf-test', args))
    },
    async [Symbol.asyncDispose]() {},
  }
}

/** The last of the tool's lines, which is of all records. Throws where there is none. */
export function producerPerf(output: string): { messages: number; nanoseconds: number; cpuSeconds: number } {
  const [, messages, rate] = [...output.matchAll(/(\d+) records sent, ([\d.]+) records\/sec/g)].at(-1) ?? []
  if (messages === undefined) throw new Error(`kafka-producer-perf-test said: ${output.trim()}`)
  return { messages: Number(messages), nanoseconds: (Number(messages) / Number(rate)) * 1e9, cpuSeconds: Number.NaN }
}
