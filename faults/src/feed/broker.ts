import { findServerSource, type KafkaServer, startKafka } from '@dromedary/test-servers/kafka'

/** Listeners of the shared broker for members that are to be cut off. */
const WAYS = 6

let shared: KafkaServer | undefined

/** Why there can be no broker on this machine; undefined where there can. */
export function brokerUnavailable(): string | undefined {
  const source = findServerSource()
  return source.kind === 'none' ? source.why : undefined
}

/** A quick run has many JVMs, none of which lives long enough to get back what its second compiler takes. */
const SHORT_LIVED = '-XX:TieredStopAtLevel=1'

/** Starts the broker that stages share, each with topics of its own. */
export async function openBroker(quick: boolean): Promise<AsyncDisposable> {
  if (quick) process.env['JAVA_TOOL_OPTIONS'] ??= SHORT_LIVED
  const broker = await startKafka({ ways: WAYS })
  shared = broker
  return broker
}

/** The broker that stages share. Whoever stops or freezes one starts one of his own. */
export function sharedBroker(): KafkaServer {
  if (!shared) throw new Error('the suite was not opened')
  return shared
}
