import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sharedKafka } from '@dromedary/test-servers/kafka/vitest'
import { eventually } from '@dromedary/testing'
import { MemberGroup, type MemberProcess } from '@dromedary/testing/harness'
import { onTestFinished } from 'vitest'
import { FeedCheck, recordOf, type Verdict } from '../../src/check/index.ts'
import { readTopic } from '../../src/read-topic.ts'
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/index.ts'

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

/** In the log of a member that has just begun to read the feed. */
export const LEADS = 'leader of feed is this member'
/** In the log of a member that is up and may take over. */
export const FOLLOWS = /leader of feed is [0-9a-f]/

export interface Stage {
  readonly simulator: Simulator
  readonly topic: string
  readonly deadLetters: string
  /** A further member, a process of its own, with these settings besides what it needs. */
  member(...settings: string[]): Promise<MemberProcess>
  /** Ends the feed. Gives its last number when the connection that is open has taken everything and all of it is committed. */
  settled(): Promise<number>
  /** What was committed: the verdict, values by their number, dead letters. */
  read(last: number): Promise<{ verdict: Verdict; values: Map<number, string>; dead: string[] }>
}

/** A feed, topics of its own on the broker of all tests, and members that meet in a folder of their own. All gone after the test. */
export async function stage(options: SimulatorOptions): Promise<Stage> {
  const kafka = sharedKafka()
  const root = mkdtempSync(join(tmpdir(), 'dromedary-feed-'))
  const topic = await kafka.topic({ prefix: 'prices', partitions: 3 })
  const deadLetters = await kafka.topic({ prefix: 'dead' })
  const simulator = await startSimulator(options)
  const group = new MemberGroup({ script: MAIN, env: { KAFKA_BROKERS: undefined, NODE_ID: undefined } })
  onTestFinished(async () => {
    await group[Symbol.asyncDispose]()
    await simulator.close()
    rmSync(root, { recursive: true, force: true })
  })
  const common = [
    `cluster.file.root=${root}`,
    `cluster.scope=${kafka.name('scope')}`,
    `kafka.brokers=${kafka.brokers}`,
    `kafka.topic=${topic}`,
    `kafka.dead-letters=${deadLetters}`,
    `kafka.positions=${kafka.name('positions')}`,
    `feed.port=${simulator.tcpPort}`,
    `feed.websocket-port=${simulator.wsPort}`,
  ]
  return {
    simulator,
    topic,
    deadLetters,
    member: (...settings) => group.spawn({ args: [...common, ...settings].flatMap(setting => ['--set', setting]) }),
    async settled() {
      const last = simulator.end()
      const sent = () => {
        const { backlog, open, connections, requests } = simulator.stats
        return backlog === 0 && open === 1 && requests.length === connections
      }
      await eventually(sent, { within: 60_000, every: 100 })
      let before = ''
      await eventually(
        async () => {
          const now = await kafka.tool('kafka-get-offsets', ['--topic', topic])
          const isSame = now === before
          before = now
          return isSame
        },
        { within: 60_000, every: 500 },
      )
      return last
    },
    async read(last) {
      const check = new FeedCheck()
      const values = new Map<number, string>()
      const dead: string[] = []
      await readTopic(kafka.brokers, topic, line => {
        const record = recordOf(line)
        check.add(record)
        values.set(record.seq, line.value)
      })
      await readTopic(kafka.brokers, deadLetters, ({ value }) => {
        check.addDeadLetter({ line: value })
        dead.push(value)
      })
      return { verdict: check.verdict({ first: 1, last }), values, dead }
    },
  }
}
