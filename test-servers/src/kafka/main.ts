import { once } from 'node:events'
import type { Properties } from './properties.ts'
import { startKafka } from './server.ts'

/** Settings of the broker, as `name=value`. */
function settings(args: readonly string[]): Properties {
  const pairs = args.map(one => /^([^=]+)=(.*)$/s.exec(one) ?? fail(`${one} is no setting of the form name=value`))
  return Object.fromEntries(pairs.map(([, name, value]) => [name, value]))
}

function fail(why: string): never {
  throw new Error(why)
}

try {
  await using server = await startKafka({ properties: settings(process.argv.slice(2)) })
  process.stdout.write(`Kafka is ready, its log is ${server.log}; Ctrl-C ends it and removes its data\n`)
  process.stdout.write(`export KAFKA_BROKERS=${server.brokers}\n`)
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}
