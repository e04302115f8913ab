import { mkdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { jarFolder } from '../src/kafka/jars.ts'
import { findServerSource, findSource } from '../src/kafka/source.ts'
import { environmentWith } from './support/programs.ts'

const docker = 'test "$1" = info'
const all = { docker, java: '', mvn: '' }

it('is KAFKA_BROKERS before everything else, but not for a broker of our own', () => {
  const { env } = environmentWith(all)
  const brokers = { ...env, KAFKA_BROKERS: 'a:9092,b:9092' }
  expect(findSource(brokers)).toEqual({ kind: 'brokers', brokers: 'a:9092,b:9092' })
  expect(findServerSource(brokers)).toEqual({ kind: 'docker' })
  expect(findSource({ ...env, KAFKA_BROKERS: '' })).toEqual({ kind: 'docker' })
})

it('is Java where Docker is not, or has no daemon', () => {
  expect(findSource(environmentWith({ java: '', mvn: '' }).env)).toEqual({ kind: 'java' })
  expect(findSource(environmentWith({ ...all, docker: 'exit 1' }).env)).toEqual({ kind: 'java' })
})

it('is Java without Maven once the jars are there', () => {
  const { env } = environmentWith({ java: '' })
  expect(findSource(env).kind).toBe('none')
  mkdirSync(jarFolder('broker', env), { recursive: true })
  expect(findSource(env)).toEqual({ kind: 'java' })
})

it('is what DROMEDARY_KAFKA says, or nothing', () => {
  const { env } = environmentWith(all)
  expect(findSource({ ...env, DROMEDARY_KAFKA: 'java' })).toEqual({ kind: 'java' })
  expect(findSource({ ...env, DROMEDARY_KAFKA: 'docker' })).toEqual({ kind: 'docker' })
  expect(findSource({ ...environmentWith({ java: '', mvn: '' }).env, DROMEDARY_KAFKA: 'docker' })).toMatchObject({
    kind: 'none',
    why: expect.stringContaining('DROMEDARY_KAFKA=docker leaves no other way'),
  })
})

it('says what is missing', () => {
  expect(findSource(environmentWith({ mvn: '' }).env)).toEqual({
    kind: 'none',
    why: 'no Kafka: there is neither KAFKA_BROKERS nor a Docker that works nor Java and Maven',
  })
})
