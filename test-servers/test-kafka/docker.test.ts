import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { findServerSource, startKafka } from '@dromedary/test-servers/kafka'
import { sharedKafka } from '@dromedary/test-servers/kafka/vitest'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { metadata } from '../src/kafka/protocol/metadata.ts'

const DOCKER = join(import.meta.dirname, 'support/docker.ts')

// It borrows what was fetched for Java.
describe.skipIf(!sharedKafka().owned || findServerSource().kind !== 'java')('a broker in a container', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'dromedary-docker-'))
    writeFileSync(join(folder, 'docker'), `#!/bin/sh\nexec '${process.execPath}' '${DOCKER}' "$@"\n`)
    chmodSync(join(folder, 'docker'), 0o755)
    vi.stubEnv('PATH', [folder, process.env['PATH']].join(delimiter))
    vi.stubEnv('DOCKER_STATE', folder)
  })
  afterAll(() => {
    vi.unstubAllEnvs()
    rmSync(folder, { recursive: true })
  })

  it('does as told: stands still, has its data after a restart, is killed', async () => {
    expect(findServerSource()).toEqual({ kind: 'docker' })
    const server = await startKafka({ proxied: true })
    const serves = (brokers: string) => metadata(brokers, [], 1_000).then(answer => answer.brokers)
    expect(await serves(server.proxiedBrokers)).toEqual([server.proxiedBrokers])
    const topic = await server.topic()
    await server.pause()
    await expect(serves(server.brokers)).rejects.toThrow('did not answer')
    await server.stop()
    await server.start()
    expect((await metadata(server.brokers)).topics.map(({ name }) => name)).toContain(topic)
    await server.pause()
    await server.resume()
    await server.kill()
    await expect(serves(server.brokers)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await server[Symbol.asyncDispose]()
    const calls = readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n')
    expect(new Set(calls)).toEqual(new Set(['info', 'image', 'run', 'unpause', 'stop', 'pause', 'kill']))
  })

  it('ends when its client is killed, with which its standard input ends', async () => {
    const server = await startKafka()
    process.kill(server.pid, 'SIGKILL')
    await expect
      .poll(() => metadata(server.brokers).catch(error => error.code), { timeout: 10_000 })
      .toBe('ECONNREFUSED')
    await server[Symbol.asyncDispose]()
  })
})
