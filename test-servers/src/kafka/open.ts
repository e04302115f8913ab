import { randomBytes } from 'node:crypto'
import { connectKafka, type KafkaCluster } from './cluster.ts'
import { metadata } from './protocol/metadata.ts'
import { startKafka } from './server.ts'
import { findServerSource, findSource, type Source } from './source.ts'

/** A cluster to test with. Disposing ends the broker that was started for it, or removes what was made in somebody else's. */
export interface OpenKafka extends AsyncDisposable {
  readonly cluster: KafkaCluster
}

/** The brokers of `KAFKA_BROKERS` if that is set, else a broker that is started now, with `ways` for proxies. */
export async function openKafka(source: Source = findSource(), ways = 0): Promise<OpenKafka> {
  if (source.kind !== 'brokers') {
    const server = await startKafka({ source, ways })
    return { cluster: server, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
  }
  const { brokers } = source
  await answers(brokers)
  const run = randomBytes(4).toString('hex')
  const cluster = connectKafka({ brokers, run, tools: findServerSource(), owned: false, ways: [] })
  return { cluster, [Symbol.asyncDispose]: () => cluster.removeTopics() }
}

async function answers(brokers: string): Promise<void> {
  try {
    await metadata(brokers.split(',')[0] ?? '', [])
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`KAFKA_BROKERS=${brokers} does not answer: ${why}`, { cause })
  }
}
