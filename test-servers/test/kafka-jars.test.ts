import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { fetchJars, jarFolder, jarHome } from '../src/kafka/jars.ts'
import { environmentWith } from './support/programs.ts'

const TO = 'for argument; do case $argument in -DoutputDirectory=*) to="$' + '{argument#*=}";; esac; done'

it('are fetched once, also if two want them at the same time', async () => {
  const { folder, env } = environmentWith({
    mvn: `${TO}; echo "$*" >> "$CALLS"; sleep 0.2; mkdir -p "$to"; echo jar > "$to/kafka.jar"`,
  })
  const calls = join(folder, 'calls')
  const logging = { ...env, CALLS: calls }
  const folders = await Promise.all([fetchJars('broker', logging, vi.fn()), fetchJars('broker', logging, vi.fn())])
  expect(new Set(folders)).toEqual(new Set([jarFolder('broker', env)]))
  expect(await fetchJars('broker', logging, vi.fn())).toBe(jarFolder('broker', env))
  const lines = readFileSync(calls, 'utf8').trim().split('\n')
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(/^-f \S+\/kafka\/broker\/pom\.xml -B -q \S+:copy-dependencies -DincludeScope=runtime -D/)
  expect(readdirSync(jarHome('broker', env))).toEqual(['jars'])
})

it('lie in another folder for each set, in the cache', () => {
  const { env } = environmentWith({})
  expect(jarHome('broker', env)).toMatch(/\/cache\/kafka-broker-[0-9a-f]{16}$/)
  expect(jarHome('tools', env)).toMatch(/\/cache\/kafka-tools-[0-9a-f]{16}$/)
  expect(dirname(jarFolder('tools', env))).toBe(jarHome('tools', env))
})

it('say how long it takes', async () => {
  const { env } = environmentWith({ mvn: `${TO}; mkdir -p "$to"` })
  const report = vi.fn()
  await fetchJars('tools', env, report)
  expect(report.mock.calls.flat().join('\n')).toMatch(/fetching .* tools .*about 20 s and 45 MB, once.*\n.* after 0 s/)
})

it('say what Maven said when it fails, and leave nothing behind', async () => {
  const { env } = environmentWith({ mvn: `${TO}; mkdir -p "$to"; echo no such artifact >&2; exit 1` })
  await expect(fetchJars('broker', env, vi.fn())).rejects.toThrow(/^mvn ended with 1: no such artifact$/)
  expect(readdirSync(jarHome('broker', env))).toEqual([])
})

it('say in one line that there is no Maven', async () => {
  const { env } = environmentWith({})
  await expect(fetchJars('broker', env, vi.fn())).rejects.toThrow(/^there is no mvn on the PATH .*KAFKA_BROKERS$/)
})
