import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { Environment } from '../cache.ts'
import { onPath } from '../on-path.ts'
import { jarFolder } from './jars.ts'

/** Where a broker for tests comes from. */
export type Source =
  /** Brokers that run already, as `host:port,host:port`. */
  | { readonly kind: 'brokers'; readonly brokers: string }
  /** A container of the image that the Apache project publishes. */
  | { readonly kind: 'docker' }
  /** A JVM with jars from Maven, which may still have to be fetched. */
  | { readonly kind: 'java' }
  | { readonly kind: 'none'; readonly why: string }

/** What a broker of our own can be started from. */
export type ServerSource = Exclude<Source, { readonly kind: 'brokers' }>

/** How long Docker may take to say whether it works, milliseconds. */
const DOCKER = 10_000

/** `KAFKA_BROKERS` goes before everything else. */
export function findSource(env: Environment = process.env): Source {
  const brokers = env['KAFKA_BROKERS']
  return brokers ? { kind: 'brokers', brokers } : findServerSource(env)
}

/**
 * Docker if its daemon answers, else Java with jars that are there or could be fetched. `DROMEDARY_KAFKA` (`docker` or
 * `java`) says that it must be this one.
 */
export function findServerSource(env: Environment = process.env): ServerSource {
  const wanted = env['DROMEDARY_KAFKA'] || undefined
  if (wanted !== 'java' && dockerWorks(env)) return { kind: 'docker' }
  if (wanted !== 'docker' && onPath('java', env) && (existsSync(jarFolder('broker', env)) || onPath('mvn', env)))
    return { kind: 'java' }
  const way = wanted === undefined ? '' : ` (DROMEDARY_KAFKA=${wanted} leaves no other way)`
  return {
    kind: 'none',
    why: `no Kafka: there is neither KAFKA_BROKERS nor a Docker that works nor Java and Maven${way}`,
  }
}

function dockerWorks(env: Environment): boolean {
  if (!onPath('docker', env)) return false
  return spawnSync('docker', ['info'], { env: { ...env }, stdio: 'ignore', timeout: DOCKER }).status === 0
}
