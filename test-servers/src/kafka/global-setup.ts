import type { TestProject } from 'vitest/node'
import type { KafkaInfo } from './cluster.ts'
import { openKafka } from './open.ts'
import { findSource } from './source.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    kafka: KafkaInfo
  }
}

/** Ways through a proxy; test files beyond that wait for each other. */
const WAYS = 4

/** For vitest's `globalSetup`: one broker for all test files, see `vitest.ts`. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const source = findSource()
  if (source.kind === 'none') {
    if (process.env['CI'] === 'true') throw new Error(source.why)
    process.stderr.write(`ALL KAFKA TESTS ARE SKIPPED: ${source.why}\n`)
    // Never reached: without a broker all tests are skipped.
    project.provide('kafka', { brokers: '127.0.0.1:1', run: 'none', tools: source, owned: false, ways: [] })
    return undefined
  }
  const open = await openKafka(source, WAYS)
  if (source.kind === 'brokers') process.stderr.write(`tests use KAFKA_BROKERS=${source.brokers}\n`)
  project.provide('kafka', open.cluster.info)
  return async () => {
    await open[Symbol.asyncDispose]()
  }
}
