import { join } from 'node:path'
import { spread } from '../arithmetic.ts'
import { camelIfThere, classPathOf } from '../maven.ts'
import { missing, type PartResult, type Site } from './parts.ts'
import { freePort } from './ports.ts'
import { nodeProgram, type Program, startProgram } from './program.ts'
import { ratiosOf } from './report.ts'
import { type FeedContender, type Results, takeTurns, withCpu } from './turns.ts'

const PROJECT = join(import.meta.dirname, '../../camel/kafka')

/** A JVM takes a million lines until it is warm. */
const FULL = { messages: 200_000, warmUp: 5, rounds: 5 }
const QUICK = { messages: 2_000, warmUp: 1, rounds: 1 }

const PLAIN = 'dromedary'
const TRANSACTED = 'dromedary, transacted'
const CAMEL = 'camel'

/** Lines over one TCP connection, changed as JSON, to one partition; acks of all, idempotent. */
export async function lines(site: Site): Promise<PartResult> {
  await using stack = new AsyncDisposableStack()
  const turns = site.quick ? QUICK : FULL
  const contenders: FeedContender[] = [stack.use(await dromedary(site, PLAIN))]
  const transacted = await dromedary(site, TRANSACTED).catch(error => missing(site, TRANSACTED, error))
  if (transacted) contenders.push(stack.use(transacted))
  const camel = await camelIfThere(() => camelKafka(site, turns.messages), site.say)
  if (camel) contenders.push(stack.use(camel))
  const results = await takeTurns(contenders, turns, text => site.note(`lines: ${text}`))
  return {
    title: `lines: ${turns.messages} of 200 bytes over one TCP connection, JSON, to one partition`,
    results,
    targets: targetsOf(results),
  }
}

function targetsOf(results: readonly Results[]): PartResult['targets'] {
  const of = (name: string) => results.find(one => one.name === name)
  const camel = of(CAMEL)
  return [of(PLAIN), of(TRANSACTED)]
    .filter(one => one !== undefined)
    .flatMap(one => [
      ...(camel
        ? [
            {
              what: `${one.name} to camel`,
              value: spread(ratiosOf(one, camel)).median,
              atLeast: one.name === PLAIN ? 2 : 1,
            },
          ]
        : []),
      { what: `${one.name} peak MB`, value: one.peakMb, atMost: 400 },
    ])
}

async function dromedary({ kafka }: Site, name: string): Promise<FeedContender> {
  const port = await freePort()
  const topic = await kafka.topic({ prefix: 'bench' })
  const positions = name === TRANSACTED ? [kafka.name('positions')] : []
  const program = await nodeProgram(name, 'lines-to-kafka', port, kafka.brokers, topic, ...positions)
  const expect = (messages: number) => program.ask(`expect ${messages}`, 'expecting')
  return fed(name, program, port, expect)
}

/** Its JVM expects so many messages in each round. */
async function camelKafka({ kafka }: Site, messages: number): Promise<FeedContender> {
  const classes = await classPathOf(PROJECT, 'bench-camel-kafka.jar')
  const port = await freePort()
  const topic = await kafka.topic({ prefix: 'bench' })
  const args = ['-cp', classes, 'dromedary.bench.KafkaServer', String(port), kafka.brokers, topic, String(messages)]
  return fed(CAMEL, await startProgram({ name: CAMEL, file: 'java', args }), port, async () => {})
}

/** The program, and a process that sends it lines over one connection. */
async function fed(
  name: string,
  program: Program,
  port: number,
  expect: (messages: number) => Promise<unknown>,
): Promise<FeedContender> {
  const feed = await nodeProgram(`${name}'s feed`, 'lines', port)
  let next = 1
  return {
    name,
    about: program.about,
    peakMb: () => program.peakMb,
    async round(messages) {
      await expect(messages)
      const round = await withCpu(program.pid, async () => {
        const [answer] = await Promise.all([program.answer('round'), feed.ask(`send ${next} ${messages}`, 'sent')])
        return roundOf(answer)
      })
      next += messages
      return round
    },
    async [Symbol.asyncDispose]() {
      await feed[Symbol.asyncDispose]()
      await program[Symbol.asyncDispose]()
    },
  }
}

function roundOf(answer: string): { messages: number; nanoseconds: number } {
  const [messages = Number.NaN, nanoseconds = Number.NaN] = answer.split(' ').map(Number)
  return { messages, nanoseconds }
}
