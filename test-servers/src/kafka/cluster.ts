import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { startTcpProxy, type TcpProxy } from '../proxy/tcp-proxy.ts'
import { type ReadOptions, readValues, writeValues } from './console.ts'
import { metadata } from './protocol/metadata.ts'
import { type EndOf, endOffset } from './protocol/offsets.ts'
import { createTopic, deleteTopics, type NewTopic } from './protocol/topics.ts'
import type { ServerSource } from './source.ts'
import { type KafkaTool, kafkaTool, type ToolOptions } from './tool.ts'

/** What one needs to know of a cluster to use it, also from another process: plain data. */
export interface KafkaInfo {
  /** `host:port,host:port` of listeners without TLS and SASL. */
  readonly brokers: string
  /** Names what this run makes. */
  readonly run: string
  /** What the tools are started from. */
  readonly tools: ServerSource
  /** Whether the broker is our own. */
  readonly owned: boolean
  /** Listeners that advertise a port at which nobody listens until there is a proxy. */
  readonly ways: readonly Way[]
}

/** From the port that a listener advertises to the port at which it listens. */
export interface Way {
  readonly port: number
  readonly to: number
}

/** How long to wait until another file of tests has no need of its proxy any more, milliseconds. */
const TURN = 100_000

/** A cluster, seen by tests: what they prepare and look at, without a client of ours. */
export class KafkaCluster {
  readonly info: KafkaInfo

  constructor(info: KafkaInfo) {
    this.info = info
  }

  /** For clients: `host:port,host:port`, without TLS and SASL. */
  get brokers(): string {
    return this.info.brokers
  }

  /** Whether the broker is our own, so that there is {@link proxy}. False with `KAFKA_BROKERS`. */
  get owned(): boolean {
    return this.info.owned
  }

  /** Makes a topic whose name begins with `prefix` (default `test`) and is new, and gives back its name. */
  async topic(options: Omit<NewTopic, 'name'> & { readonly prefix?: string } = {}): Promise<string> {
    const { prefix, ...topic } = options
    const name = this.name(prefix)
    await createTopic(this.#one, { ...topic, name })
    return name
  }

  /** A name for a topic or a group that nobody else has; no topic is made. */
  name(prefix = 'test'): string {
    return `${prefix}-${this.info.run}-${randomBytes(4).toString('hex')}`
  }

  /** Makes a topic of a certain name. Rejects if there is one. */
  createTopic(topic: NewTopic): Promise<void> {
    return createTopic(this.#one, topic)
  }

  /** The offset that follows a partition's last record; see {@link endOffset}. */
  endOffset(topic: string, where: Omit<EndOf, 'topic'> = {}): Promise<number> {
    return endOffset(this.#one, { topic, ...where })
  }

  /** Deletes the topics whose names came from {@link name}. */
  async removeTopics(): Promise<void> {
    const { topics } = await metadata(this.#one)
    const own = topics.map(({ name }) => name).filter(name => name.includes(`-${this.info.run}-`))
    await deleteTopics(this.#one, own)
  }

  /**
   * A way to the broker in which faults can be made, and which clients do not leave: the broker tells them to connect there.
   * Give clients its `address`. Waits while others have all ways. Dispose it: it belongs to one test at a time. Only if
   * {@link owned}.
   */
  async proxy(): Promise<TcpProxy> {
    const { ways } = this.info
    if (ways.length === 0) throw new Error(`${this.brokers} has no listener for a proxy: ask for owned first`)
    for (const end = performance.now() + TURN; performance.now() < end; await wait(50)) {
      for (const way of ways) {
        const proxy = await startTcpProxy(way).catch(ifTaken)
        if (proxy) return proxy
      }
    }
    throw new Error(`all ${ways.length} ways through a proxy were taken for ${TURN} ms: is a proxy not disposed?`)
  }

  /** Writes values, one line each, with Kafka's own console producer. */
  write(topic: string, values: readonly string[]): Promise<void> {
    return writeValues(this.brokers, topic, values, this.info.tools)
  }

  /** What a topic has, as Kafka's own console consumer reads it: only what was committed, unless told otherwise. */
  read(topic: string, options?: ReadOptions): Promise<string[]> {
    return readValues(this.brokers, topic, this.info.tools, options)
  }

  /** Runs one of Kafka's own tools, with `--bootstrap-server` before its arguments. */
  tool(tool: KafkaTool, args: readonly string[], options?: ToolOptions): Promise<string> {
    const all = ['--bootstrap-server', this.brokers, ...args]
    return kafkaTool(tool, all, { source: this.info.tools, ...options })
  }

  get #one(): string {
    return this.brokers.split(',')[0] ?? ''
  }
}

function ifTaken(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'EADDRINUSE') throw error
}

/** A cluster that runs already. */
export const connectKafka = (info: KafkaInfo): KafkaCluster => new KafkaCluster(info)
