import { messageOf } from '@dromedary/core'
import { readArguments } from './simulator/arguments.ts'
import { startSimulator } from './simulator/start.ts'
import { splitArguments } from './start/arguments.ts'
import { isAlive } from './start/feed.ts'
import { findKafka, makeTopics } from './start/kafka.ts'
import { Member } from './start/member-process.ts'
import { type Run, readRunFile, removeRunFile, settingsOf, writeRunFile } from './start/run-file.ts'

/**
 * Starts what the example needs, and one member: Kafka, unless KAFKA_BROKERS names some, and the feed, of 1,000 messages a
 * second. `--set` and `--config` go to the member, everything else to the feed. SIGINT, SIGTERM and SIGHUP end all of it.
 */
const HOST = '127.0.0.1'
const RATE = 1_000

const say = (line: string) => process.stdout.write(`start: ${line}\n`)

try {
  await start()
} catch (error) {
  process.stderr.write(`start: ${messageOf(error)}\n`)
  process.exitCode = 1
}

async function start(): Promise<void> {
  const { feed, member: args } = splitArguments(process.argv.slice(2))
  const options = readArguments(feed)
  const before = readRunFile()
  if (before && (await isAlive(before))) {
    throw new Error('it runs already; "npx -y pnpm@12 --filter feed-to-kafka member" adds a member to it')
  }
  const asked = stopAsked()
  await using kafka = await findKafka(say)
  const { brokers, suffix } = kafka
  const names = {
    topic: `prices${suffix}`,
    deadLetters: `prices-dead-letters${suffix}`,
    scope: `feed-to-kafka${suffix}`,
  }
  await makeTopics(brokers, names.topic, names.deadLetters)
  const log = (line: string) => process.stdout.write(`feed: ${line}\n`)
  await using simulator = await startSimulator({ rate: RATE, host: HOST, ...options, log })
  const run: Run = { brokers, ...names, host: HOST, tcpPort: simulator.tcpPort, wsPort: simulator.wsPort }
  writeRunFile(run)
  try {
    say(`the feed is ${HOST}:${simulator.tcpPort} (TCP) and ${HOST}:${simulator.wsPort} (WebSocket)`)
    const member = new Member([...settingsOf(run), ...args])
    say(`the first member has pid ${member.pid}; in other terminals:`)
    say('  npx -y pnpm@12 --filter feed-to-kafka member    a further member')
    say('  npx -y pnpm@12 --filter feed-to-kafka check     whether the topic has everything, once and in order')
    void member.exited.then(how => {
      if (!asked.signal) say(`the first member has ended (${how}); the feed and Kafka go on until Ctrl-C`)
    })
    const signal = await asked.first
    await member.stop(signal)
    const { connections, overlaps, head } = simulator.stats
    say(
      `the feed gave ${head} messages to ${connections} connections, of which ${overlaps} began while another was open`,
    )
    process.exitCode = signal === 'SIGINT' ? 130 : 0
  } finally {
    removeRunFile()
  }
}

/** The first signal that asks for a stop; further ones change nothing. */
function stopAsked() {
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>()
  const asked: { first: Promise<NodeJS.Signals>; signal?: NodeJS.Signals } = { first: promise }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      asked.signal ??= signal
      resolve(signal)
    })
  }
  return asked
}
