import type { Environment } from '../cache.ts'
import { runToEnd } from '../run-to-end.ts'
import { docker, pullImage } from './docker.ts'
import { localTools } from './local-tools.ts'
import { type Command, java, type Runtime } from './runtime.ts'
import { findServerSource, type ServerSource } from './source.ts'

/** Kafka's own command line tools, by the names of their scripts. */
const MAIN = {
  'kafka-acls': 'org.apache.kafka.tools.AclCommand',
  'kafka-console-consumer': 'org.apache.kafka.tools.consumer.ConsoleConsumer',
  'kafka-console-producer': 'org.apache.kafka.tools.ConsoleProducer',
  'kafka-consumer-groups': 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
  'kafka-consumer-perf-test': 'org.apache.kafka.tools.ConsumerPerformance',
  'kafka-delete-records': 'org.apache.kafka.tools.DeleteRecordsCommand',
  'kafka-get-offsets': 'org.apache.kafka.tools.GetOffsetShell',
  'kafka-producer-perf-test': 'org.apache.kafka.tools.ProducerPerformance',
  'kafka-topics': 'org.apache.kafka.tools.TopicCommand',
  'kafka-transactions': 'org.apache.kafka.tools.TransactionsCommand',
} as const

/** One of Kafka's own command line tools. */
export type KafkaTool = keyof typeof MAIN

/** How to run a tool. */
export interface ToolOptions {
  /** What it reads. Default: nothing. */
  readonly input?: string
  /** After so many milliseconds it is killed, which is an error. Default 120,000. */
  readonly within?: number
  /** Kills it, which is an error. Default: nothing does. */
  readonly signal?: AbortSignal
  /** A folder that it may read, such as one with a file of settings. Needed with Docker alone. */
  readonly folder?: string
  /** Default: what the environment offers. */
  readonly source?: ServerSource
}

/** How long a tool may take, milliseconds. */
const WITHIN = 120_000

/** Where the tools run; fetches them if need be. */
export async function toolRuntime(source: ServerSource, env: Environment = process.env): Promise<Runtime> {
  if (source.kind === 'none') throw new Error(source.why)
  if (source.kind === 'java') return localTools(env)
  await pullImage()
  // Log4j's own setting writes to standard output, where it would be taken for what was read.
  return { ...docker, flags: ['-Dorg.apache.logging.log4j.level=OFF'] }
}

/** What to run here for a tool. */
export async function toolCommand(
  tool: KafkaTool,
  args: readonly string[],
  { folder, source = findServerSource() }: Pick<ToolOptions, 'folder' | 'source'> = {},
): Promise<Command> {
  const runtime = await toolRuntime(source)
  return runtime.command(java(runtime, '256m', MAIN[tool], ...args), folder === undefined ? {} : { folder })
}

/** Runs a tool to its end and gives back what it printed. Rejects, with all that it said, for any exit code but 0. */
export async function kafkaTool(tool: KafkaTool, args: readonly string[], options: ToolOptions = {}): Promise<string> {
  const { within = WITHIN, folder: _folder, source: _source, ...rest } = options
  const [file, ...words] = await toolCommand(tool, args, options)
  const { code, stdout, stderr } = await runToEnd(file, words, { within, ...rest })
  if (code === 0) return stdout
  const end = code === null ? `was killed after ${within} ms` : `ended with ${code}`
  throw new Error(`${tool} ${end}: ${`${stdout}\n${stderr}`.trim()}`)
}
