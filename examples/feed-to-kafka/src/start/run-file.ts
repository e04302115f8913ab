import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What `start` has started, for whoever joins. */
export interface Run {
  readonly brokers: string
  readonly topic: string
  readonly deadLetters: string
  /** Of the transactions. */
  readonly scope: string
  readonly host: string
  readonly tcpPort: number
  readonly wsPort: number
}

/** In a folder that no version control sees; tests say `FEED_TO_KAFKA_RUN` for another one. */
const FILE = process.env['FEED_TO_KAFKA_RUN'] || fileURLToPath(new URL('../../target/run.json', import.meta.url))

export function writeRunFile(run: Run): void {
  mkdirSync(dirname(FILE), { recursive: true })
  writeFileSync(FILE, `${JSON.stringify(run, null, 2)}\n`)
}

export const removeRunFile = () => rmSync(FILE, { force: true })

/** Undefined when nothing was started, or it has ended. */
export function readRunFile(): Run | undefined {
  try {
    return JSON.parse(readFileSync(FILE, 'utf8'))
  } catch {
    return undefined
  }
}

/** Throws, with what to do, when nothing was started. */
export function runFileOr(advice: string): Run {
  const run = readRunFile()
  if (run) return run
  throw new Error(`nothing was started: run "npx -y pnpm@12 --filter feed-to-kafka start" elsewhere, or ${advice}`)
}

/** The settings of a member that joins. */
export const settingsOf = (run: Run): string[] =>
  [
    `kafka.brokers=${run.brokers}`,
    `kafka.topic=${run.topic}`,
    `kafka.dead-letters=${run.deadLetters}`,
    `cluster.scope=${run.scope}`,
    `feed.host=${run.host}`,
    `feed.port=${run.tcpPort}`,
    `feed.websocket-port=${run.wsPort}`,
  ].flatMap(setting => ['--set', setting])
