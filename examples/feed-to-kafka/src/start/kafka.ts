import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createTopic, findSource } from '@dromedary/test-servers/kafka'

/** Brokers to write to. Disposing ends those that were started for it. */
export interface Kafka extends AsyncDisposable {
  readonly brokers: string
  /** Ends the names of what is made there: nothing on a broker of our own, which is empty. */
  readonly suffix: string
}

const BROKER = fileURLToPath(new URL('broker.ts', import.meta.url))

/** The brokers of `KAFKA_BROKERS`, else one that is started now. Rejects, with what is missing, where there is no way to. */
export async function findKafka(say: (line: string) => void): Promise<Kafka> {
  const source = findSource()
  if (source.kind === 'none') {
    throw new Error(`${source.why}. Set KAFKA_BROKERS=host:port, or install Docker, or Java 17 and Maven`)
  }
  if (source.kind === 'brokers') {
    say(`Kafka is ${source.brokers} (KAFKA_BROKERS)`)
    const suffix = `-${Date.now().toString(36)}`
    return { brokers: source.brokers, suffix, [Symbol.asyncDispose]: async () => {} }
  }
  say(`starting a Kafka broker (${source.kind === 'docker' ? 'Docker' : 'Java; the first time Maven fetches it'}) …`)
  return startBroker(say)
}

async function startBroker(say: (line: string) => void): Promise<Kafka> {
  const child = spawn(process.execPath, [BROKER], { detached: true, stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  child.stdin.on('error', () => {})
  const line = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line').then(([text]) => String(text)),
    exited.then(() => undefined),
  ])
  if (line === undefined) throw new Error('the Kafka broker did not start')
  say(`Kafka is ${line}; it ends with this process, and its data are gone then`)
  const end = async () => {
    child.stdin.end()
    await exited
  }
  return { brokers: line, suffix: '', [Symbol.asyncDispose]: end }
}

/** Makes the topics of the example. */
export async function makeTopics(brokers: string, topic: string, deadLetters: string): Promise<void> {
  const [address = ''] = brokers.split(',')
  await createTopic(address, { name: topic, partitions: 3 })
  await createTopic(address, { name: deadLetters })
}
