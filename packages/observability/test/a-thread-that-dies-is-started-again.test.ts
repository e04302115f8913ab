import type { Worker } from 'node:worker_threads'
import { createLogger, type LogRecord, systemClock } from '@dromedary/core'
import { expect, it, onTestFinished } from 'vitest'
import { observeOptions } from '../src/options.ts'
import { ProbeThread } from '../src/server/probe-thread.ts'
import { spawnThread } from '../src/server/spawn-thread.ts'

async function started() {
  const lines: LogRecord[] = []
  const threads: Worker[] = []
  const thread = new ProbeThread({
    options: observeOptions.parse({ port: 0 }),
    respond: {
      ready: () => [],
      health: () => [],
      leader: () => ({ service: null, member: null, namespaces: [] }),
      metrics: () => 'm',
    },
    clock: systemClock,
    log: createLogger({ isEnabled: () => true, write: record => void lines.push(record) }, 'observe'),
    spawn: data => {
      const worker = spawnThread(data)
      threads.push(worker)
      return worker
    },
  })
  onTestFinished(() => thread.stop())
  const address = await thread.start()
  const said = () => lines.map(({ level, message }) => `${level} ${message}`)
  const status = (path: string) =>
    fetch(`${address}/observe/${path}`).then(
      response => response.status,
      () => 'nobody',
    )
  return { thread, threads, address, said, status }
}

it('says so, and listens where it did, with what it knew', async () => {
  const { thread, threads, address, said, status } = await started()
  thread.overdue([{ namespace: 'ns', term: 7n, participant: 'feed' }])
  expect(await status('leader')).toBe(200)
  await threads[0]?.terminate()
  await expect
    .poll(said, { timeout: 10_000 })
    .toEqual([
      'error the thread that answers probes has ended: nothing answers them until it is started again',
      `info health, leader and metrics are told again at ${address}/observe`,
    ])
  expect(await status('leader')).toBe(200)
  expect(await status('health/live')).toBe(503)
  expect(threads).toHaveLength(2)
})

it('is not started again once it was stopped', async () => {
  const { thread, threads, said, status } = await started()
  await thread.stop()
  expect([await status('leader'), said(), threads.length]).toEqual(['nobody', [], 1])
})
