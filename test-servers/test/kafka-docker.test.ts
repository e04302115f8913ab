import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { docker, IMAGE } from '../src/kafka/docker.ts'
import { java } from '../src/kafka/runtime.ts'

it('runs the version that Maven would fetch', () => {
  const pom = readFileSync(join(import.meta.dirname, '../kafka/broker/pom.xml'), 'utf8')
  const version = /<artifactId>kafka_2\.13<\/artifactId>\s*<version>(.*)<\/version>/.exec(pom)?.[1]
  expect(IMAGE).toBe(`apache/kafka:${version}`)
})

it('sees one folder, is reached on loopback alone, and makes files that are ours', () => {
  const [file, ...args] = docker.command(java(docker, '512m', 'kafka.Kafka', '/f/server.properties'), {
    name: 'broker',
    folder: '/f',
    ports: [20_001, 20_002],
  })
  const at = args.indexOf(IMAGE)
  expect(file).toBe('docker')
  expect(args.slice(0, at)).toEqual([
    'run',
    '--rm',
    '-i',
    '--init',
    '--name=broker',
    `--user=${process.getuid?.()}:${process.getgid?.()}`,
    '--volume=/f:/f',
    '--publish=127.0.0.1:20001:20001',
    '--publish=127.0.0.1:20002:20002',
    '--entrypoint=java',
  ])
  expect(args.slice(at + 1)).toEqual(['-Xmx512m', '-cp', '/opt/kafka/libs/*', 'kafka.Kafka', '/f/server.properties'])
})

it('lets tools reach brokers of this machine', () => {
  expect(docker.command(['java', '-version'])).toContain('--network=host')
})
