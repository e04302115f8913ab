import { pullImage } from './docker.ts'
import { localBrokers } from './local.ts'
import { localTools } from './local-tools.ts'
import { findSource } from './source.ts'

/** Gets everything that tests with Kafka need, so that they start at once. */
try {
  const source = findSource()
  if (source.kind === 'none') throw new Error(source.why)
  if (source.kind === 'docker') await pullImage()
  if (source.kind === 'java') {
    await localBrokers()
    await localTools()
  }
  process.stdout.write(`kafka: ${source.kind} is ready\n`)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}
