import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Environment } from '../cache.ts'
import { type Report, toStderr } from '../report.ts'
import { runToEnd } from '../run-to-end.ts'
import { archiveFlags } from './archive.ts'
import { Instance } from './instance.ts'
import { fetchJars, jarHome } from './jars.ts'
import { addressOf, listener } from './listeners.ts'
import { localBrokers, localRuntime } from './local.ts'
import { createTopic } from './protocol/topics.ts'
import { java, type Runtime } from './runtime.ts'

const LOGGING = `-Dlog4j2.configurationFile=${fileURLToPath(new URL('../../kafka/tools/log4j2.properties', import.meta.url))}`

const CONSUMER = 'org.apache.kafka.tools.consumer.ConsoleConsumer'

/** A JVM with the jars of the tools; fetches them if need be. */
export async function localTools(env: Environment = process.env, report: Report = toStderr): Promise<Runtime> {
  const classPath = join(await fetchJars('tools', env, report), '*')
  const flags = await archiveFlags(jarHome('tools', env), report, async archive => {
    const instance = new Instance(await localBrokers(env, report), {})
    try {
      await instance.start()
      await consume(
        localRuntime(classPath, [...archive, LOGGING]),
        addressOf(listener(instance.listeners, 'PLAINTEXT')),
      )
    } finally {
      await instance.dispose()
    }
  })
  return localRuntime(classPath, [...flags, LOGGING])
}

/** Every tool has most classes in common with a consumer. */
async function consume(runtime: Runtime, brokers: string): Promise<void> {
  await createTopic(brokers, { name: 'empty' })
  const args = ['--bootstrap-server', brokers, '--topic', 'empty', '--from-beginning', '--timeout-ms', '500']
  const [file, ...rest] = java(runtime, '256m', CONSUMER, ...args)
  await runToEnd(file, rest)
}
