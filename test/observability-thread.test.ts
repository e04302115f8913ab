import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { expect, it, onTestFinished } from 'vitest'
import { observabilityThread, THREAD_ASSET } from '../scripts/observability-thread.ts'
import { ROOT } from '../scripts/run.ts'

it('answers from one file that a native executable can carry, without any other', async () => {
  const code = await observabilityThread()
  const beats = new Int32Array(new SharedArrayBuffer(4))
  const workerData = { host: '127.0.0.1', port: 0, blockedLoopLimitMs: 10_000, beats }
  const thread = new Worker(code, { eval: true, workerData })
  onTestFinished(() => void thread.terminate())
  const [message] = await once(thread, 'message')
  const response = await fetch(`http://127.0.0.1:${message.port}/observe/health/live`)
  expect([response.status, await response.json()]).toMatchObject([200, { status: 'UP' }])
  // Of Node alone: an executable has no node_modules.
  expect(code.match(/require\("(?!node:)[^"]*"\)/g) ?? []).toEqual([])
})

it('is looked for under the name that it is carried by', () => {
  const source = readFileSync(join(ROOT, 'packages/observability/src/server/spawn-thread.ts'), 'utf8')
  expect(source).toContain(`THREAD_ASSET = '${THREAD_ASSET}'`)
})
