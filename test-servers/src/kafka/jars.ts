import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { oneAtATime } from '../build-lock.ts'
import { cacheFolder, cacheKey, type Environment } from '../cache.ts'
import { type Report, toStderr } from '../report.ts'
import { runToEnd } from '../run-to-end.ts'

/** What is fetched: the broker, or Kafka's own command line tools. Each in a folder of its own. */
export type JarSet = 'broker' | 'tools'

const PROJECTS = fileURLToPath(new URL('../../kafka', import.meta.url))

const MAVEN = [
  '-B',
  '-q',
  'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies',
  '-DincludeScope=runtime',
]

const EXPECTED = 'about 20 s and 45 MB, once'

/** What a failed fetch is quoted with. */
const MOST_OUTPUT = 2_000

const pomOf = (set: JarSet) => join(PROJECTS, set, 'pom.xml')

/** Where everything of a set is, or will be: another folder for each content of its pom. */
export function jarHome(set: JarSet, env: Environment = process.env): string {
  return join(cacheFolder(env), `kafka-${set}-${cacheKey([pomOf(set)], MAVEN)}`)
}

/** The jars in {@link jarHome}. */
export const jarFolder = (set: JarSet, env: Environment = process.env) => join(jarHome(set, env), 'jars')

/** The folder with the jars of a set; fetched if they are not in the cache, and then only by one process at a time. */
export async function fetchJars(
  set: JarSet,
  env: Environment = process.env,
  report: Report = toStderr,
): Promise<string> {
  const folder = jarFolder(set, env)
  if (existsSync(folder)) return folder
  mkdirSync(jarHome(set, env), { recursive: true })
  await oneAtATime(
    `${folder}.lock`,
    () => report(`kafka: another process fetches the jars of the ${set} (${EXPECTED}), waiting for that`),
    async () => {
      if (!existsSync(folder)) await fetch(set, folder, env, report)
    },
  )
  return folder
}

async function fetch(set: JarSet, folder: string, env: Environment, report: Report): Promise<void> {
  const started = performance.now()
  const unfinished = `${folder}.${process.pid}`
  report(`kafka: fetching the jars of the ${set} with Maven (${EXPECTED})`)
  try {
    await maven(['-f', pomOf(set), ...MAVEN, `-DoutputDirectory=${unfinished}`], env)
    renameSync(unfinished, folder)
    report(`kafka: ${folder} is there after ${Math.round((performance.now() - started) / 1000)} s`)
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
}

async function maven(args: readonly string[], env: Environment): Promise<void> {
  try {
    const { code, stdout, stderr } = await runToEnd('mvn', args, { env })
    const said = (stdout + stderr).slice(-MOST_OUTPUT).trim()
    if (code !== 0) throw new Error(`mvn ended with ${code}: ${said}`)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new Error('there is no mvn on the PATH to fetch Kafka: install Maven and Java 17, or set KAFKA_BROKERS')
  }
}
